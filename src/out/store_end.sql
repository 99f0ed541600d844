-- When the run is whole: ways in for those who read it.
CREATE INDEX conversation_cid ON conversation (cid);
CREATE INDEX conversation_group ON conversation (regeneration_group) WHERE regeneration_group IS NOT NULL;
CREATE INDEX gate_id ON gate (id);
CREATE INDEX contact_status ON contact (status);
