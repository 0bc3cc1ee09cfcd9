CREATE TABLE account (
	id INTEGER NOT NULL,
	identifiant VARCHAR NOT NULL,
	identifiant_key VARCHAR NOT NULL,
	password_hash VARCHAR NOT NULL,
	must_change_password BOOLEAN NOT NULL,
	one_time_until DATETIME,
	totp_secret TEXT,
	totp_last_step INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_account PRIMARY KEY (id),
	CONSTRAINT uq_account_identifiant_key UNIQUE (identifiant_key)
);

CREATE TABLE adult (
	id INTEGER NOT NULL,
	family_id INTEGER NOT NULL,
	account_id INTEGER,
	rank INTEGER NOT NULL,
	civility VARCHAR(40) NOT NULL,
	last_name VARCHAR NOT NULL,
	first_name VARCHAR NOT NULL,
	email VARCHAR NOT NULL,
	CONSTRAINT pk_adult PRIMARY KEY (id),
	CONSTRAINT uq_adult_family_id_rank UNIQUE (family_id, rank),
	CONSTRAINT ck_adult_rank_1_or_2 CHECK (rank IN (1, 2)),
	CONSTRAINT fk_adult_family_id FOREIGN KEY(family_id) REFERENCES family (id),
	CONSTRAINT uq_adult_account_id UNIQUE (account_id),
	CONSTRAINT fk_adult_account_id FOREIGN KEY(account_id) REFERENCES account (id),
	CONSTRAINT ck_adult_civility CHECK (civility IN ('Madame', 'Monsieur'))
);

CREATE INDEX ix_adult_family_id ON adult (family_id);

CREATE TABLE agent (
	id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	email VARCHAR NOT NULL,
	role VARCHAR(40) NOT NULL,
	CONSTRAINT pk_agent PRIMARY KEY (id),
	CONSTRAINT uq_agent_account_id UNIQUE (account_id),
	CONSTRAINT fk_agent_account_id FOREIGN KEY(account_id) REFERENCES account (id),
	CONSTRAINT ck_agent_role CHECK (role IN ('guichet', 'animation', 'regie', 'administration'))
);

CREATE TABLE document (
	id INTEGER NOT NULL,
	title VARCHAR NOT NULL,
	filename VARCHAR NOT NULL,
	content_type VARCHAR NOT NULL,
	size INTEGER NOT NULL,
	storage_key VARCHAR NOT NULL,
	published_on DATE NOT NULL,
	withdrawn_on DATE,
	CONSTRAINT pk_document PRIMARY KEY (id),
	CONSTRAINT ck_document_withdrawn_after_published CHECK (withdrawn_on IS NULL OR withdrawn_on > published_on),
	CONSTRAINT uq_document_storage_key UNIQUE (storage_key)
);

CREATE TABLE event (
	id INTEGER NOT NULL,
	at DATETIME NOT NULL,
	kind VARCHAR NOT NULL,
	actor_id INTEGER,
	subject_kind VARCHAR,
	subject_id INTEGER,
	address VARCHAR NOT NULL,
	"before" TEXT,
	"after" TEXT,
	CONSTRAINT pk_event PRIMARY KEY (id),
	CONSTRAINT fk_event_actor_id FOREIGN KEY(actor_id) REFERENCES account (id)
);

CREATE INDEX ix_event_actor_id ON event (actor_id);

CREATE INDEX ix_event_at ON event (at);

CREATE INDEX ix_event_subject_kind_event_subject_id ON event (subject_kind, subject_id);

CREATE TRIGGER event_no_early_delete BEFORE DELETE ON event WHEN date(OLD.at) > date('now', '-1 years') BEGIN SELECT RAISE(ABORT, 'event: kept 1 years'); END;

CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event: a row is never changed'); END;

CREATE TABLE family (
	id INTEGER NOT NULL,
	number VARCHAR NOT NULL,
	situation VARCHAR NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_family PRIMARY KEY (id),
	CONSTRAINT ck_family_number_of_13_digits CHECK (length(number) = 13),
	CONSTRAINT uq_family_number UNIQUE (number)
);

CREATE TABLE invoice (
	id INTEGER NOT NULL,
	series VARCHAR NOT NULL,
	number INTEGER NOT NULL,
	family_id INTEGER NOT NULL,
	issued_on DATE NOT NULL,
	due_on DATE NOT NULL,
	total_cents INTEGER NOT NULL,
	CONSTRAINT pk_invoice PRIMARY KEY (id),
	CONSTRAINT uq_invoice_series_number UNIQUE (series, number),
	CONSTRAINT ck_invoice_total_positive CHECK (total_cents > 0),
	CONSTRAINT ck_invoice_due_after_issued CHECK (due_on >= issued_on),
	CONSTRAINT fk_invoice_series FOREIGN KEY(series) REFERENCES invoice_series (code),
	CONSTRAINT fk_invoice_family_id FOREIGN KEY(family_id) REFERENCES family (id)
);

CREATE INDEX ix_invoice_family_id ON invoice (family_id);

CREATE TRIGGER invoice_no_early_delete BEFORE DELETE ON invoice WHEN date(OLD.issued_on) > date('now', '-10 years') BEGIN SELECT RAISE(ABORT, 'invoice: kept 10 years'); END;

CREATE TRIGGER invoice_no_update BEFORE UPDATE ON invoice BEGIN SELECT RAISE(ABORT, 'invoice: a row is never changed'); END;

CREATE TABLE invoice_series (
	code VARCHAR NOT NULL,
	last_number INTEGER NOT NULL,
	CONSTRAINT pk_invoice_series PRIMARY KEY (code)
);

CREATE TABLE job (
	id INTEGER NOT NULL,
	kind VARCHAR NOT NULL,
	payload TEXT NOT NULL,
	"key" VARCHAR,
	state VARCHAR(40) NOT NULL,
	run_at DATETIME NOT NULL,
	attempts INTEGER NOT NULL,
	lease_token VARCHAR,
	lease_until DATETIME,
	committed_at DATETIME,
	last_error VARCHAR NOT NULL,
	created_at DATETIME NOT NULL,
	finished_at DATETIME,
	CONSTRAINT pk_job PRIMARY KEY (id),
	CONSTRAINT ck_job_running_has_a_lease CHECK ((state = 'running') = (lease_token IS NOT NULL)),
	CONSTRAINT uq_job_key UNIQUE ("key"),
	CONSTRAINT ck_job_jobstate CHECK (state IN ('queued', 'running', 'done', 'failed', 'uncertain'))
);

CREATE INDEX ix_job_due ON job (run_at) WHERE state = 'queued';

CREATE INDEX ix_job_state_job_lease_until ON job (state, lease_until);

CREATE TABLE ledger_entry (
	id INTEGER NOT NULL,
	family_id INTEGER NOT NULL,
	day DATE NOT NULL,
	kind VARCHAR(40) NOT NULL,
	amount_cents INTEGER NOT NULL,
	invoice_id INTEGER,
	payment_id INTEGER,
	written_at DATETIME NOT NULL,
	CONSTRAINT pk_ledger_entry PRIMARY KEY (id),
	CONSTRAINT ck_ledger_entry_amount_not_zero CHECK (amount_cents <> 0),
	CONSTRAINT ck_ledger_entry_only_invoices_are_owed CHECK ((kind = 'invoice') = (amount_cents < 0)),
	CONSTRAINT ck_ledger_entry_invoice_named CHECK (kind <> 'invoice' OR invoice_id IS NOT NULL),
	CONSTRAINT ck_ledger_entry_payment_named CHECK ((kind = 'payment') = (payment_id IS NOT NULL)),
	CONSTRAINT fk_ledger_entry_family_id FOREIGN KEY(family_id) REFERENCES family (id),
	CONSTRAINT ck_ledger_entry_ledgerkind CHECK (kind IN ('invoice', 'payment', 'credit')),
	CONSTRAINT fk_ledger_entry_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoice (id),
	CONSTRAINT fk_ledger_entry_payment_id FOREIGN KEY(payment_id) REFERENCES payment (id)
);

CREATE INDEX ix_ledger_entry_family_id_ledger_entry_day ON ledger_entry (family_id, day);

CREATE INDEX ix_ledger_entry_invoice_id ON ledger_entry (invoice_id);

CREATE INDEX ix_ledger_entry_payment_id ON ledger_entry (payment_id);

CREATE TRIGGER ledger_entry_no_early_delete BEFORE DELETE ON ledger_entry WHEN date(OLD.day) > date('now', '-10 years') BEGIN SELECT RAISE(ABORT, 'ledger_entry: kept 10 years'); END;

CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry: a row is never changed'); END;

CREATE TABLE message (
	id INTEGER NOT NULL,
	thread_id INTEGER NOT NULL,
	sender VARCHAR(40) NOT NULL,
	body VARCHAR NOT NULL,
	sent_at DATETIME NOT NULL,
	read_at DATETIME,
	CONSTRAINT pk_message PRIMARY KEY (id),
	CONSTRAINT fk_message_thread_id FOREIGN KEY(thread_id) REFERENCES thread (id),
	CONSTRAINT ck_message_sender CHECK (sender IN ('family', 'structure'))
);

CREATE INDEX ix_message_thread_id ON message (thread_id);

CREATE TABLE password_reset (
	id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	token_digest VARCHAR NOT NULL,
	created_at DATETIME NOT NULL,
	used_at DATETIME,
	CONSTRAINT pk_password_reset PRIMARY KEY (id),
	CONSTRAINT fk_password_reset_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
	CONSTRAINT uq_password_reset_token_digest UNIQUE (token_digest)
);

CREATE INDEX ix_password_reset_account_id ON password_reset (account_id);

CREATE INDEX ix_password_reset_created_at ON password_reset (created_at);

CREATE TABLE payment (
	id INTEGER NOT NULL,
	family_id INTEGER NOT NULL,
	received_on DATE NOT NULL,
	means VARCHAR(40) NOT NULL,
	amount_cents INTEGER NOT NULL,
	CONSTRAINT pk_payment PRIMARY KEY (id),
	CONSTRAINT ck_payment_amount_positive CHECK (amount_cents > 0),
	CONSTRAINT fk_payment_family_id FOREIGN KEY(family_id) REFERENCES family (id),
	CONSTRAINT ck_payment_paymentmeans CHECK (means IN ('online', 'cheque', 'cash', 'cesu', 'transfer', 'direct_debit'))
);

CREATE INDEX ix_payment_family_id ON payment (family_id);

CREATE TRIGGER payment_no_early_delete BEFORE DELETE ON payment WHEN date(OLD.received_on) > date('now', '-10 years') BEGIN SELECT RAISE(ABORT, 'payment: kept 10 years'); END;

CREATE TRIGGER payment_no_update BEFORE UPDATE ON payment BEGIN SELECT RAISE(ABORT, 'payment: a row is never changed'); END;

CREATE TABLE periodic_run (
	name VARCHAR NOT NULL,
	last_run_at DATETIME NOT NULL,
	CONSTRAINT pk_periodic_run PRIMARY KEY (name)
);

CREATE TABLE recovery_code (
	id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	code_digest VARCHAR NOT NULL,
	used_at DATETIME,
	CONSTRAINT pk_recovery_code PRIMARY KEY (id),
	CONSTRAINT fk_recovery_code_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE INDEX ix_recovery_code_account_id ON recovery_code (account_id);

CREATE TABLE structure (
	id INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	email VARCHAR NOT NULL,
	phone VARCHAR NOT NULL,
	CONSTRAINT pk_structure PRIMARY KEY (id),
	CONSTRAINT uq_structure_name UNIQUE (name)
);

CREATE TABLE thread (
	id INTEGER NOT NULL,
	family_id INTEGER NOT NULL,
	structure_id INTEGER NOT NULL,
	subject VARCHAR NOT NULL,
	CONSTRAINT pk_thread PRIMARY KEY (id),
	CONSTRAINT fk_thread_family_id FOREIGN KEY(family_id) REFERENCES family (id),
	CONSTRAINT fk_thread_structure_id FOREIGN KEY(structure_id) REFERENCES structure (id)
);

CREATE INDEX ix_thread_family_id ON thread (family_id);

CREATE INDEX ix_thread_structure_id ON thread (structure_id);

CREATE TABLE throttle (
	id INTEGER NOT NULL,
	kind VARCHAR(40) NOT NULL,
	key_digest VARCHAR NOT NULL,
	failures INTEGER NOT NULL,
	first_failure_at DATETIME NOT NULL,
	last_failure_at DATETIME NOT NULL,
	locked_until DATETIME,
	CONSTRAINT pk_throttle PRIMARY KEY (id),
	CONSTRAINT uq_throttle_kind_key_digest UNIQUE (kind, key_digest),
	CONSTRAINT ck_throttle_kind CHECK (kind IN ('identifiant', 'address', 'confirmation', 'code', 'reset'))
);

CREATE INDEX ix_throttle_first_failure_at ON throttle (first_failure_at);

CREATE TABLE town (
	id INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	service_name VARCHAR NOT NULL,
	website_url VARCHAR,
	welcome_message VARCHAR NOT NULL,
	contact_phone VARCHAR NOT NULL,
	contact_email VARCHAR NOT NULL,
	address VARCHAR NOT NULL,
	opening_hours VARCHAR NOT NULL,
	siret VARCHAR NOT NULL,
	publication_director VARCHAR NOT NULL,
	hosting VARCHAR NOT NULL,
	dpo_name VARCHAR NOT NULL,
	dpo_email VARCHAR NOT NULL,
	school_zone VARCHAR(40) NOT NULL,
	is_demo BOOLEAN NOT NULL,
	CONSTRAINT pk_town PRIMARY KEY (id),
	CONSTRAINT ck_town_single_row CHECK (id = 1),
	CONSTRAINT ck_town_schoolzone CHECK (school_zone IN ('A', 'B', 'C'))
);

CREATE TABLE user_session (
	id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	token_digest VARCHAR NOT NULL,
	created_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	CONSTRAINT pk_user_session PRIMARY KEY (id),
	CONSTRAINT fk_user_session_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
	CONSTRAINT uq_user_session_token_digest UNIQUE (token_digest)
);

CREATE INDEX ix_user_session_account_id ON user_session (account_id);

CREATE INDEX ix_user_session_expires_at ON user_session (expires_at);

CREATE TABLE worker_beat (
	worker VARCHAR NOT NULL,
	seen_at DATETIME NOT NULL,
	CONSTRAINT pk_worker_beat PRIMARY KEY (worker)
);

CREATE INDEX ix_worker_beat_seen_at ON worker_beat (seen_at);

