/* Words beside a number → what they make of it, by one look into a table: a
 * number in a sentence is asked after a dozen lists of them. */
#include "helpline/room.h"
#include "text/text.h"

static const struct { enum word_class c; const char *words; } lists[] = {
    {W_ORDERING,
     "order ticket invoice case account acct ref reference id isbn serial tracking card policy model "
     "version flight room zip postcode pin password population page pages chapter section route bus "
     "apartment apt unit year episode level step part track error status bp score article paragraph verse "
     "gate platform highway interstate lot grade seat locker rev volume issue suite iban imei patient "
     "employee student member membership license licence passport barcode sku item parcel batch area code "
     "channel floor"},
    {W_UNIT,
     "mg mcg ml g kg lbs lb pounds km miles mile metres meters feet people persons men women children kids "
     "friends times days day weeks week months years year hours hour hrs minutes mins min seconds dollars "
     "usd euros eur gbp rupees yen percent per calories kcal cal steps pages words followers units tablets "
     "pills students members patients deaths cases calls texts messages users callers billion million "
     "thousand points am pm bc ad ce of percentile degrees volunteers squats reps jobs applications emails "
     "unread others lives countries centers centres bucks quid pesos cm mm participants veterans teens "
     "square sq mph kmh watts volts litres liters grams ounces oz souls turbo carrera"},
    {W_YEAR,
     "in since from until till by during of before after circa year early late mid spring summer autumn "
     "fall winter january february march april may june july august september october november december"},
    {W_AMOUNT,
     "about over nearly almost than around approximately roughly exactly some least most under another all "
     "top up maybe like room count counting aged age"},
    {W_DIAL_VERB,
     "call calling called dial dialing dialling dialed dialled ring ringing rang phone phoned text texting "
     "texted sms tel telephone whatsapp calls texts txt message llame llama llamar marca marque appelez "
     "appeler ligue ligar chiama chiamare bel anrufen"},
    {W_DIAL_NOUN,
     "hotline helpline lifeline line number samaritans lifelines helplines hotlines freephone emergency "
     "police ambulance services crisis contact contacting reach toll-free phone telephone childline "
     "shortcode tollfree try trying use using tried service fire"},
    {W_LINK,
     "on at is or to and the number via as that's it's just also free national now them using by for a "
     "please are be immediately directly straight even either local still was us me code with al el le au "
     "o ou para il lo"},
    {W_OPEN,
     "or and if for now right when to in from on at is then any anytime free immediately straight as with "
     "they who which because but instead are option ext press crisis helpline line lifeline emergency "
     "suicide hotline please tonight today first directly service services via by works can will would was "
     "has anyway again before after so until while whenever day too just yet myself yourself the that "
     "isn't isnt of doesn't didn't keyword answers pls plz it i you where also national once counselor "
     "number call text chat here out even though unless this last like thing people operator together over "
     "without not reaches connects connected line's only toll-free we he she there stuff responders "
     "dispatcher about work o y ou et und oder si no should could may might still 24"},
    {W_CUE,
     "call calling dial ring phone text texting sms message hotline hotlines helpline helplines lifeline "
     "lifelines line crisis emergency samaritans telephone tel whatsapp reach contact suicide police "
     "ambulance toll-free freephone childline keyword danger urgent emergencies send sos triple talk"},
    {W_TEXT_VERB,
     "text texting texted sms send sending txt message messaging"},
    {W_CALL_VERB,
     "call calling called dial ring phone calls dialing dialling telephone"},
    {W_DESK, "line hotline helpline lifeline number center centre hotline's"},
    {W_TO_DESK,
     "on at is the via by calling dialing dialling texting phoning ringing call dial ring text phone help hot "
     "crisis support service services prevention national free information uk us their tel telephone can be "
     "reached"},
    {W_NAMES,
     "abuse use alcohol drug addiction violence assault crisis disorder disorders gambling control poison "
     "poisons veterans suicide services ambulance police"},
    {W_NO_KEY,
     "it a text texts message messages sms them me us out that this something word you one anything and or "
     "an call back number the"},
};

/* The slot of a word's hash: found by its lower half, told by its upper. */
static struct word_slot *slot(const struct directory *d, uint64_t h)
{
    size_t k = h & (ARRAY_LEN(d->word) - 1);
    while (d->word[k].classes && d->word[k].hash != h >> 32) k = (k + 1) & (ARRAY_LEN(d->word) - 1);
    return (struct word_slot *)&d->word[k];
}

void word_table(struct directory *d)
{
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (const char *z = lists[i].words; *z;) {
            size_t n = strcspn(z, " ");
            uint64_t h = text_word_hash((str){z, n});
            struct word_slot *x = slot(d, h);
            x->hash = (uint32_t)(h >> 32);
            x->classes |= 1u << lists[i].c;
            z += n + (z[n] == ' ');
        }
}

uint32_t word_classes_of(const struct directory *d, str word)
{
    return word.n && word.n <= TEXT_HASH_MAX ? slot(d, text_hash(word.p, word.n))->classes : 0;
}
