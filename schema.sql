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
	last_login_at DATETIME,
	idle_warned_at DATETIME,
	locked_at DATETIME,
	CONSTRAINT pk_account PRIMARY KEY (id),
	CONSTRAINT uq_account_identifiant_key UNIQUE (identifiant_key)
);

CREATE TABLE activity (
	id INTEGER NOT NULL,
	structure_id INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	position INTEGER NOT NULL,
	weekdays INTEGER NOT NULL,
	in_school_time BOOLEAN NOT NULL,
	in_short_holidays BOOLEAN NOT NULL,
	in_long_holidays BOOLEAN NOT NULL,
	starts_at TIME,
	ends_at TIME,
	revised_at DATETIME,
	min_age INTEGER,
	max_age INTEGER,
	pool_id INTEGER,
	uses_morning BOOLEAN NOT NULL,
	uses_afternoon BOOLEAN NOT NULL,
	approval VARCHAR(40) NOT NULL,
	exclusive_group VARCHAR,
	offer_hours INTEGER DEFAULT '24' NOT NULL,
	proof_days INTEGER NOT NULL,
	booking_kind VARCHAR(40) NOT NULL,
	booking_count INTEGER NOT NULL,
	booking_at TIME NOT NULL,
	booking_weekday INTEGER NOT NULL,
	cancelling_kind VARCHAR(40) NOT NULL,
	cancelling_count INTEGER NOT NULL,
	cancelling_at TIME NOT NULL,
	cancelling_weekday INTEGER NOT NULL,
	CONSTRAINT pk_activity PRIMARY KEY (id),
	CONSTRAINT uq_activity_structure_id_name UNIQUE (structure_id, name),
	CONSTRAINT ck_activity_weekdays CHECK (weekdays BETWEEN 1 AND 127),
	CONSTRAINT ck_activity_pool_used CHECK (pool_id IS NULL OR uses_morning OR uses_afternoon),
	CONSTRAINT ck_activity_proof_days CHECK (proof_days >= 0),
	CONSTRAINT ck_activity_offer_hours CHECK (offer_hours > 0),
	CONSTRAINT ck_activity_booking_rule CHECK (booking_count BETWEEN CASE WHEN booking_kind = 'month' THEN 1 ELSE 0 END AND 60 AND booking_weekday BETWEEN 0 AND 6),
	CONSTRAINT ck_activity_cancelling_rule CHECK (cancelling_count BETWEEN CASE WHEN cancelling_kind = 'month' THEN 1 ELSE 0 END AND 60 AND cancelling_weekday BETWEEN 0 AND 6),
	CONSTRAINT fk_activity_structure_id FOREIGN KEY(structure_id) REFERENCES structure (id),
	CONSTRAINT fk_activity_pool_id FOREIGN KEY(pool_id) REFERENCES capacity_pool (id),
	CONSTRAINT ck_activity_approval CHECK (approval IN ('manual', 'automatic')),
	CONSTRAINT ck_activity_booking_kind CHECK (booking_kind IN ('days', 'working_days', 'school_days', 'week', 'month')),
	CONSTRAINT ck_activity_cancelling_kind CHECK (cancelling_kind IN ('days', 'working_days', 'school_days', 'week', 'month'))
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
	address VARCHAR DEFAULT '' NOT NULL,
	postal_code VARCHAR DEFAULT '' NOT NULL,
	city VARCHAR DEFAULT '' NOT NULL,
	phone_home VARCHAR DEFAULT '' NOT NULL,
	phone_work VARCHAR DEFAULT '' NOT NULL,
	phone_mobile VARCHAR DEFAULT '' NOT NULL,
	quality VARCHAR DEFAULT '' NOT NULL,
	csp VARCHAR DEFAULT '' NOT NULL,
	profession VARCHAR DEFAULT '' NOT NULL,
	employer VARCHAR DEFAULT '' NOT NULL,
	employer_address VARCHAR DEFAULT '' NOT NULL,
	allows_sms BOOLEAN,
	allows_email BOOLEAN,
	wants_reminders BOOLEAN DEFAULT 1 NOT NULL,
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

CREATE TABLE agent_structure (
	agent_id INTEGER NOT NULL,
	structure_id INTEGER NOT NULL,
	CONSTRAINT pk_agent_structure PRIMARY KEY (agent_id, structure_id),
	CONSTRAINT fk_agent_structure_agent_id FOREIGN KEY(agent_id) REFERENCES agent (id) ON DELETE CASCADE,
	CONSTRAINT fk_agent_structure_structure_id FOREIGN KEY(structure_id) REFERENCES structure (id)
);

CREATE TABLE amendment (
	submission VARCHAR NOT NULL,
	request_id INTEGER NOT NULL,
	CONSTRAINT pk_amendment PRIMARY KEY (submission),
	CONSTRAINT fk_amendment_request_id FOREIGN KEY(request_id) REFERENCES request (id)
);

CREATE INDEX ix_amendment_request_id ON amendment (request_id);

CREATE TABLE attendance (
	enrolment_id INTEGER NOT NULL,
	day DATE NOT NULL,
	present BOOLEAN NOT NULL,
	CONSTRAINT pk_attendance PRIMARY KEY (enrolment_id, day),
	CONSTRAINT fk_attendance_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id)
);

CREATE TABLE authority (
	adult_id INTEGER NOT NULL,
	child_id INTEGER NOT NULL,
	CONSTRAINT pk_authority PRIMARY KEY (adult_id, child_id),
	CONSTRAINT fk_authority_adult_id FOREIGN KEY(adult_id) REFERENCES adult (id),
	CONSTRAINT fk_authority_child_id FOREIGN KEY(child_id) REFERENCES child (id)
);

CREATE INDEX ix_authority_child_id ON authority (child_id);

CREATE TABLE batch (
	id INTEGER NOT NULL,
	agent_id INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_batch PRIMARY KEY (id),
	CONSTRAINT fk_batch_agent_id FOREIGN KEY(agent_id) REFERENCES agent (id)
);

CREATE INDEX ix_batch_agent_id ON batch (agent_id);

CREATE TABLE batch_line (
	batch_id INTEGER NOT NULL,
	line_id INTEGER NOT NULL,
	accepted BOOLEAN,
	sentence VARCHAR NOT NULL,
	CONSTRAINT pk_batch_line PRIMARY KEY (batch_id, line_id),
	CONSTRAINT fk_batch_line_batch_id FOREIGN KEY(batch_id) REFERENCES batch (id) ON DELETE CASCADE,
	CONSTRAINT fk_batch_line_line_id FOREIGN KEY(line_id) REFERENCES request_line (id)
);

CREATE INDEX ix_batch_line_line_id ON batch_line (line_id);

CREATE TABLE booking (
	id INTEGER NOT NULL,
	enrolment_id INTEGER NOT NULL,
	day DATE NOT NULL,
	state VARCHAR(40) NOT NULL,
	child_id INTEGER NOT NULL,
	activity_id INTEGER NOT NULL,
	exclusive_group VARCHAR,
	CONSTRAINT pk_booking PRIMARY KEY (id),
	CONSTRAINT fk_booking_enrolment_id_child_id_activity_id FOREIGN KEY(enrolment_id, child_id, activity_id) REFERENCES enrolment (id, child_id, activity_id) ON UPDATE CASCADE,
	CONSTRAINT uq_booking_enrolment_id_day UNIQUE (enrolment_id, day),
	CONSTRAINT ck_booking_bookingstate CHECK (state IN ('booked', 'absent_excused', 'absent_billed', 'cancelled_by_town'))
);

CREATE INDEX ix_booking_activity_id_booking_day ON booking (activity_id, day);

CREATE UNIQUE INDEX uq_booking_child_activity_day ON booking (child_id, activity_id, day) WHERE state = 'booked';

CREATE UNIQUE INDEX uq_booking_child_group_day ON booking (child_id, exclusive_group, day) WHERE state = 'booked' AND exclusive_group IS NOT NULL;

CREATE TABLE calendar_feed (
	adult_id INTEGER NOT NULL,
	token TEXT NOT NULL,
	token_digest VARCHAR NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_calendar_feed PRIMARY KEY (adult_id),
	CONSTRAINT fk_calendar_feed_adult_id FOREIGN KEY(adult_id) REFERENCES adult (id) ON DELETE CASCADE,
	CONSTRAINT uq_calendar_feed_token_digest UNIQUE (token_digest)
);

CREATE TABLE capacity_pool (
	id INTEGER NOT NULL,
	structure_id INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	capacity INTEGER NOT NULL,
	CONSTRAINT pk_capacity_pool PRIMARY KEY (id),
	CONSTRAINT uq_capacity_pool_structure_id_name UNIQUE (structure_id, name),
	CONSTRAINT ck_capacity_pool_capacity CHECK (capacity >= 0),
	CONSTRAINT fk_capacity_pool_structure_id FOREIGN KEY(structure_id) REFERENCES structure (id)
);

CREATE TABLE child (
	id INTEGER NOT NULL,
	last_name VARCHAR NOT NULL,
	first_name VARCHAR NOT NULL,
	birth_date DATE NOT NULL,
	school VARCHAR NOT NULL,
	level VARCHAR NOT NULL,
	class_name VARCHAR NOT NULL,
	sex VARCHAR DEFAULT '' NOT NULL,
	birth_place VARCHAR DEFAULT '' NOT NULL,
	diet TEXT,
	insurer VARCHAR DEFAULT '' NOT NULL,
	insurance_number VARCHAR DEFAULT '' NOT NULL,
	insured_from DATE,
	insured_until DATE,
	created_on DATE DEFAULT CURRENT_DATE NOT NULL,
	sort_key VARCHAR DEFAULT '' NOT NULL,
	CONSTRAINT pk_child PRIMARY KEY (id)
);

CREATE INDEX ix_child_school ON child (school);

CREATE INDEX ix_child_sort_key ON child (sort_key, id);

CREATE TABLE closure (
	id INTEGER NOT NULL,
	structure_id INTEGER,
	first_day DATE NOT NULL,
	last_day DATE NOT NULL,
	reason VARCHAR NOT NULL,
	CONSTRAINT pk_closure PRIMARY KEY (id),
	CONSTRAINT ck_closure_ends_after_it_begins CHECK (last_day >= first_day),
	CONSTRAINT fk_closure_structure_id FOREIGN KEY(structure_id) REFERENCES structure (id)
);

CREATE INDEX ix_closure_first_day ON closure (first_day);

CREATE TABLE consent (
	child_id INTEGER NOT NULL,
	kind VARCHAR NOT NULL,
	granted BOOLEAN NOT NULL,
	signed_on DATE NOT NULL,
	signatory VARCHAR NOT NULL,
	CONSTRAINT pk_consent PRIMARY KEY (child_id, kind),
	CONSTRAINT ck_consent_signed CHECK (signatory <> ''),
	CONSTRAINT fk_consent_child_id FOREIGN KEY(child_id) REFERENCES child (id)
);

CREATE TABLE contact (
	id INTEGER NOT NULL,
	child_id INTEGER NOT NULL,
	role TEXT NOT NULL,
	name TEXT NOT NULL,
	link TEXT NOT NULL,
	phone TEXT NOT NULL,
	CONSTRAINT pk_contact PRIMARY KEY (id),
	CONSTRAINT fk_contact_child_id FOREIGN KEY(child_id) REFERENCES child (id)
);

CREATE INDEX ix_contact_child_id ON contact (child_id);

CREATE TABLE custody (
	child_id INTEGER NOT NULL,
	family_id INTEGER NOT NULL,
	note TEXT,
	CONSTRAINT pk_custody PRIMARY KEY (child_id, family_id),
	CONSTRAINT fk_custody_child_id FOREIGN KEY(child_id) REFERENCES child (id),
	CONSTRAINT fk_custody_family_id FOREIGN KEY(family_id) REFERENCES family (id)
);

CREATE INDEX ix_custody_family_id ON custody (family_id);

CREATE TABLE data_export (
	id INTEGER NOT NULL,
	adult_id INTEGER NOT NULL,
	asked_at DATETIME NOT NULL,
	ready_at DATETIME,
	storage_key VARCHAR NOT NULL,
	size INTEGER,
	reach VARCHAR,
	CONSTRAINT pk_data_export PRIMARY KEY (id),
	CONSTRAINT fk_data_export_adult_id FOREIGN KEY(adult_id) REFERENCES adult (id),
	CONSTRAINT uq_data_export_storage_key UNIQUE (storage_key)
);

CREATE INDEX ix_data_export_adult_id ON data_export (adult_id);

CREATE TABLE document (
	id INTEGER NOT NULL,
	kind_id INTEGER NOT NULL,
	family_id INTEGER NOT NULL,
	child_id INTEGER,
	given_by INTEGER NOT NULL,
	given_at DATETIME NOT NULL,
	submission VARCHAR NOT NULL,
	state VARCHAR(40) NOT NULL,
	content_type VARCHAR NOT NULL,
	size INTEGER NOT NULL,
	storage_key VARCHAR,
	checked_at DATETIME,
	checked_by INTEGER,
	reason TEXT,
	valid_until DATE,
	CONSTRAINT pk_document PRIMARY KEY (id),
	CONSTRAINT ck_document_refused_with_a_reason CHECK ((state = 'refused') = (reason IS NOT NULL)),
	CONSTRAINT ck_document_checked_when_decided CHECK ((state IN ('received', 'replaced')) = (checked_at IS NULL)),
	CONSTRAINT ck_document_size CHECK (size BETWEEN 1 AND 10000000),
	CONSTRAINT fk_document_kind_id FOREIGN KEY(kind_id) REFERENCES document_kind (id),
	CONSTRAINT fk_document_family_id FOREIGN KEY(family_id) REFERENCES family (id),
	CONSTRAINT fk_document_child_id FOREIGN KEY(child_id) REFERENCES child (id),
	CONSTRAINT fk_document_given_by FOREIGN KEY(given_by) REFERENCES adult (id),
	CONSTRAINT uq_document_submission UNIQUE (submission),
	CONSTRAINT ck_document_documentstate CHECK (state IN ('received', 'valid', 'refused', 'replaced')),
	CONSTRAINT uq_document_storage_key UNIQUE (storage_key),
	CONSTRAINT fk_document_checked_by FOREIGN KEY(checked_by) REFERENCES agent (id)
);

CREATE INDEX ix_document_child_id ON document (child_id);

CREATE INDEX ix_document_family_id_document_kind_id ON document (family_id, kind_id);

CREATE INDEX ix_document_state ON document (state);

CREATE TABLE document_kind (
	id INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	subject VARCHAR(40) NOT NULL,
	mandatory BOOLEAN NOT NULL,
	with_pai BOOLEAN NOT NULL,
	blocking BOOLEAN NOT NULL,
	months_valid INTEGER,
	keeps_file BOOLEAN NOT NULL,
	is_health BOOLEAN NOT NULL,
	position INTEGER NOT NULL,
	retired_at DATETIME,
	CONSTRAINT pk_document_kind PRIMARY KEY (id),
	CONSTRAINT ck_document_kind_lasts CHECK (months_valid > 0),
	CONSTRAINT uq_document_kind_name UNIQUE (name),
	CONSTRAINT ck_document_kind_documentsubject CHECK (subject IN ('family', 'child'))
);

CREATE TABLE dui_draft (
	child_id INTEGER NOT NULL,
	family_id INTEGER NOT NULL,
	answers TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	CONSTRAINT pk_dui_draft PRIMARY KEY (child_id, family_id),
	CONSTRAINT fk_dui_draft_child_id FOREIGN KEY(child_id) REFERENCES child (id),
	CONSTRAINT fk_dui_draft_family_id FOREIGN KEY(family_id) REFERENCES family (id)
);

CREATE INDEX ix_dui_draft_family_id ON dui_draft (family_id);

CREATE TABLE enrolment (
	id INTEGER NOT NULL,
	child_id INTEGER NOT NULL,
	activity_id INTEGER NOT NULL,
	family_id INTEGER NOT NULL,
	first_day DATE NOT NULL,
	last_day DATE,
	even_weeks INTEGER NOT NULL,
	odd_weeks INTEGER NOT NULL,
	CONSTRAINT pk_enrolment PRIMARY KEY (id),
	CONSTRAINT fk_enrolment_child_id_family_id FOREIGN KEY(child_id, family_id) REFERENCES custody (child_id, family_id),
	CONSTRAINT uq_enrolment_id_child_id_activity_id UNIQUE (id, child_id, activity_id),
	CONSTRAINT ck_enrolment_ends_after_it_begins CHECK (last_day IS NULL OR last_day >= first_day),
	CONSTRAINT ck_enrolment_weeks CHECK (even_weeks BETWEEN 0 AND 127 AND odd_weeks BETWEEN 0 AND 127),
	CONSTRAINT fk_enrolment_child_id FOREIGN KEY(child_id) REFERENCES child (id),
	CONSTRAINT fk_enrolment_activity_id FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_enrolment_family_id FOREIGN KEY(family_id) REFERENCES family (id)
);

CREATE INDEX ix_enrolment_activity_id ON enrolment (activity_id);

CREATE INDEX ix_enrolment_child_id ON enrolment (child_id, first_day);

CREATE INDEX ix_enrolment_family_id ON enrolment (family_id);

CREATE INDEX ix_enrolment_first_day ON enrolment (first_day);

CREATE INDEX ix_enrolment_last_day ON enrolment (last_day);

CREATE TABLE event (
	id INTEGER NOT NULL,
	at DATETIME NOT NULL,
	kind VARCHAR NOT NULL,
	actor_id INTEGER,
	subject_kind VARCHAR,
	subject_id INTEGER,
	family_id INTEGER,
	address VARCHAR NOT NULL,
	"before" TEXT,
	"after" TEXT,
	CONSTRAINT pk_event PRIMARY KEY (id),
	CONSTRAINT fk_event_actor_id FOREIGN KEY(actor_id) REFERENCES account (id)
);

CREATE INDEX ix_event_actor_id ON event (actor_id);

CREATE INDEX ix_event_at ON event (at);

CREATE INDEX ix_event_family_id_event_id ON event (family_id, id);

CREATE INDEX ix_event_subject_kind_event_subject_id ON event (subject_kind, subject_id);

CREATE TRIGGER event_no_early_delete BEFORE DELETE ON event WHEN date(OLD.at) > date('now', '-1 years') BEGIN SELECT RAISE(ABORT, 'event: kept 1 years'); END;

CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event: a row is never changed'); END;

CREATE TABLE family (
	id INTEGER NOT NULL,
	number VARCHAR NOT NULL,
	situation VARCHAR NOT NULL,
	attached_to VARCHAR DEFAULT '0' NOT NULL,
	merged_into INTEGER,
	search_text VARCHAR DEFAULT '' NOT NULL,
	sort_key VARCHAR DEFAULT '' NOT NULL,
	created_at DATETIME NOT NULL,
	left_on DATE,
	CONSTRAINT pk_family PRIMARY KEY (id),
	CONSTRAINT ck_family_number_of_13_digits CHECK (length(number) = 13),
	CONSTRAINT uq_family_number UNIQUE (number),
	CONSTRAINT fk_family_merged_into FOREIGN KEY(merged_into) REFERENCES family (id)
);

CREATE INDEX ix_family_merged_into ON family (merged_into) WHERE merged_into IS NOT NULL;

CREATE INDEX ix_family_sort_key ON family (sort_key, id);

CREATE TABLE finances (
	family_id INTEGER NOT NULL,
	tax_income TEXT,
	tax_parts TEXT,
	tax_year TEXT,
	fund TEXT,
	fund_number TEXT,
	regime TEXT,
	quotient TEXT,
	quotient_on TEXT,
	bank_holder TEXT,
	iban TEXT,
	bic TEXT,
	direct_debit TEXT,
	CONSTRAINT pk_finances PRIMARY KEY (family_id),
	CONSTRAINT fk_finances_family_id FOREIGN KEY(family_id) REFERENCES family (id)
);

CREATE TABLE health_alert (
	id INTEGER NOT NULL,
	child_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	text TEXT NOT NULL,
	CONSTRAINT pk_health_alert PRIMARY KEY (id),
	CONSTRAINT fk_health_alert_child_id FOREIGN KEY(child_id) REFERENCES child (id)
);

CREATE INDEX ix_health_alert_child_id ON health_alert (child_id);

CREATE TABLE health_sheet (
	child_id INTEGER NOT NULL,
	glasses TEXT,
	glasses_when TEXT,
	doctor TEXT,
	doctor_phone TEXT,
	treatments TEXT,
	care TEXT,
	CONSTRAINT pk_health_sheet PRIMARY KEY (child_id),
	CONSTRAINT fk_health_sheet_child_id FOREIGN KEY(child_id) REFERENCES child (id)
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

CREATE TABLE leave (
	id INTEGER NOT NULL,
	enrolment_id INTEGER NOT NULL,
	first_day DATE NOT NULL,
	last_day DATE NOT NULL,
	CONSTRAINT pk_leave PRIMARY KEY (id),
	CONSTRAINT ck_leave_ends_after_it_begins CHECK (last_day >= first_day),
	CONSTRAINT fk_leave_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id)
);

CREATE INDEX ix_leave_enrolment_id ON leave (enrolment_id);

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

CREATE TABLE pai (
	id INTEGER NOT NULL,
	child_id INTEGER NOT NULL,
	ends_on TEXT,
	instruction TEXT NOT NULL,
	CONSTRAINT pk_pai PRIMARY KEY (id),
	CONSTRAINT fk_pai_child_id FOREIGN KEY(child_id) REFERENCES child (id)
);

CREATE INDEX ix_pai_child_id ON pai (child_id);

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

CREATE TABLE pool_day (
	pool_id INTEGER NOT NULL,
	day DATE NOT NULL,
	half_day VARCHAR(40) NOT NULL,
	capacity INTEGER NOT NULL,
	taken INTEGER NOT NULL,
	forced INTEGER NOT NULL,
	CONSTRAINT pk_pool_day PRIMARY KEY (pool_id, day, half_day),
	CONSTRAINT ck_pool_day_taken_positive CHECK (taken >= 0),
	CONSTRAINT ck_pool_day_never_overbooked CHECK (taken <= capacity + forced),
	CONSTRAINT ck_pool_day_forced_positive CHECK (forced >= 0),
	CONSTRAINT fk_pool_day_pool_id FOREIGN KEY(pool_id) REFERENCES capacity_pool (id),
	CONSTRAINT ck_pool_day_halfday CHECK (half_day IN ('am', 'pm'))
);

CREATE TABLE proof (
	request_id INTEGER NOT NULL,
	content_type VARCHAR NOT NULL,
	size INTEGER NOT NULL,
	storage_key VARCHAR NOT NULL,
	given_at DATETIME NOT NULL,
	CONSTRAINT pk_proof PRIMARY KEY (request_id),
	CONSTRAINT ck_proof_size CHECK (size BETWEEN 1 AND 10000000),
	CONSTRAINT fk_proof_request_id FOREIGN KEY(request_id) REFERENCES request (id),
	CONSTRAINT uq_proof_storage_key UNIQUE (storage_key)
);

CREATE TABLE public_holiday (
	day DATE NOT NULL,
	name VARCHAR NOT NULL,
	CONSTRAINT pk_public_holiday PRIMARY KEY (day)
);

CREATE TABLE publication (
	id INTEGER NOT NULL,
	title VARCHAR NOT NULL,
	filename VARCHAR NOT NULL,
	content_type VARCHAR NOT NULL,
	size INTEGER NOT NULL,
	storage_key VARCHAR NOT NULL,
	published_on DATE NOT NULL,
	withdrawn_on DATE,
	CONSTRAINT pk_publication PRIMARY KEY (id),
	CONSTRAINT ck_publication_withdrawn_after_published CHECK (withdrawn_on IS NULL OR withdrawn_on > published_on),
	CONSTRAINT uq_publication_storage_key UNIQUE (storage_key)
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

CREATE TABLE request (
	id INTEGER NOT NULL,
	code VARCHAR NOT NULL,
	kind VARCHAR(40) NOT NULL,
	family_id INTEGER NOT NULL,
	child_id INTEGER,
	submitted_by INTEGER NOT NULL,
	submitted_at DATETIME NOT NULL,
	submission VARCHAR NOT NULL,
	entered_by INTEGER,
	taken_by INTEGER,
	taken_at DATETIME,
	left_out TEXT,
	CONSTRAINT pk_request PRIMARY KEY (id),
	CONSTRAINT uq_request_code UNIQUE (code),
	CONSTRAINT ck_request_requestkind CHECK (kind IN ('booking', 'absence', 'proof', 'responsable', 'conjoint', 'fiscales', 'caf', 'banque', 'child', 'contacts', 'glasses', 'health', 'consents', 'insurance', 'new_child', 'enrolment', 'dui')),
	CONSTRAINT fk_request_family_id FOREIGN KEY(family_id) REFERENCES family (id),
	CONSTRAINT fk_request_child_id FOREIGN KEY(child_id) REFERENCES child (id),
	CONSTRAINT fk_request_submitted_by FOREIGN KEY(submitted_by) REFERENCES adult (id),
	CONSTRAINT uq_request_submission UNIQUE (submission),
	CONSTRAINT fk_request_entered_by FOREIGN KEY(entered_by) REFERENCES agent (id),
	CONSTRAINT fk_request_taken_by FOREIGN KEY(taken_by) REFERENCES agent (id)
);

CREATE INDEX ix_request_child_id ON request (child_id);

CREATE INDEX ix_request_family_id ON request (family_id);

CREATE INDEX ix_request_taken_by ON request (taken_by);

CREATE TABLE request_line (
	id INTEGER NOT NULL,
	request_id INTEGER NOT NULL,
	enrolment_id INTEGER,
	day DATE,
	field VARCHAR,
	"before" TEXT,
	"after" TEXT,
	asked_by INTEGER,
	asked_at DATETIME,
	entered_by INTEGER,
	kind VARCHAR(40) NOT NULL,
	state VARCHAR(40) NOT NULL,
	late BOOLEAN NOT NULL,
	excused BOOLEAN,
	passed_on TEXT,
	motif TEXT,
	decision_reason TEXT,
	decided_at DATETIME,
	decided_by INTEGER,
	answer_until DATETIME,
	waiting_from DATETIME NOT NULL,
	proposed_enrolment_id INTEGER,
	proposed_day DATE,
	gives_up DATE,
	version INTEGER NOT NULL,
	CONSTRAINT pk_request_line PRIMARY KEY (id),
	CONSTRAINT ck_request_line_refused_with_a_reason CHECK (state <> 'refused' OR decision_reason IS NOT NULL),
	CONSTRAINT ck_request_line_answer_has_an_end CHECK ((state IN ('offered', 'countered')) = (answer_until IS NOT NULL)),
	CONSTRAINT ck_request_line_proposes_a_day CHECK ((proposed_enrolment_id IS NULL) = (proposed_day IS NULL)),
	CONSTRAINT ck_request_line_a_day_or_a_field CHECK ((enrolment_id IS NULL) = (day IS NULL) AND (day IS NULL) <> (field IS NULL)),
	CONSTRAINT ck_request_line_asked_by_somebody CHECK ((asked_by IS NULL) = (asked_at IS NULL)),
	CONSTRAINT uq_request_line_request_id_field UNIQUE (request_id, field),
	CONSTRAINT fk_request_line_request_id FOREIGN KEY(request_id) REFERENCES request (id),
	CONSTRAINT fk_request_line_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id),
	CONSTRAINT fk_request_line_asked_by FOREIGN KEY(asked_by) REFERENCES adult (id),
	CONSTRAINT fk_request_line_entered_by FOREIGN KEY(entered_by) REFERENCES agent (id),
	CONSTRAINT ck_request_line_requestkind CHECK (kind IN ('booking', 'absence', 'proof', 'responsable', 'conjoint', 'fiscales', 'caf', 'banque', 'child', 'contacts', 'glasses', 'health', 'consents', 'insurance', 'new_child', 'enrolment', 'dui')),
	CONSTRAINT ck_request_line_linestate CHECK (state IN ('submitted', 'in_review', 'waiting_list', 'offered', 'countered', 'accepted', 'refused', 'withdrawn', 'declined', 'expired', 'cancelled_by_town')),
	CONSTRAINT fk_request_line_decided_by FOREIGN KEY(decided_by) REFERENCES agent (id),
	CONSTRAINT fk_request_line_proposed_enrolment_id FOREIGN KEY(proposed_enrolment_id) REFERENCES enrolment (id)
);

CREATE INDEX ix_request_line_asked_by ON request_line (asked_by);

CREATE INDEX ix_request_line_enrolment_id_request_line_day ON request_line (enrolment_id, day);

CREATE INDEX ix_request_line_offered ON request_line (answer_until) WHERE state IN ('offered', 'countered');

CREATE INDEX ix_request_line_pending ON request_line (state) WHERE state IN ('submitted', 'in_review', 'waiting_list');

CREATE INDEX ix_request_line_proposed ON request_line (proposed_enrolment_id) WHERE proposed_enrolment_id IS NOT NULL;

CREATE INDEX ix_request_line_request_id ON request_line (request_id);

CREATE INDEX ix_request_line_waiting ON request_line (day) WHERE state = 'waiting_list';

CREATE UNIQUE INDEX uq_request_line_open ON request_line (enrolment_id, day) WHERE state IN ('submitted', 'in_review', 'waiting_list', 'offered', 'countered');

CREATE TABLE school_holiday (
	id INTEGER NOT NULL,
	zone VARCHAR(40) NOT NULL,
	name VARCHAR NOT NULL,
	kind VARCHAR(40) NOT NULL,
	first_day DATE NOT NULL,
	last_day DATE NOT NULL,
	CONSTRAINT pk_school_holiday PRIMARY KEY (id),
	CONSTRAINT ck_school_holiday_ends_after_it_begins CHECK (last_day >= first_day),
	CONSTRAINT uq_school_holiday_zone_first_day UNIQUE (zone, first_day),
	CONSTRAINT ck_school_holiday_schoolzone CHECK (zone IN ('A', 'B', 'C')),
	CONSTRAINT ck_school_holiday_holidaykind CHECK (kind IN ('short', 'long'))
);

CREATE TABLE standard_reason (
	id INTEGER NOT NULL,
	text VARCHAR NOT NULL,
	topic VARCHAR(40) DEFAULT 'days' NOT NULL,
	CONSTRAINT pk_standard_reason PRIMARY KEY (id),
	CONSTRAINT ck_standard_reason_says_something CHECK (text <> ''),
	CONSTRAINT uq_standard_reason_text_topic UNIQUE (text, topic),
	CONSTRAINT ck_standard_reason_reasontopic CHECK (topic IN ('days', 'changes', 'papers'))
);

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
	CONSTRAINT ck_throttle_throttlekind CHECK (kind IN ('identifiant', 'address', 'confirmation', 'code', 'reset'))
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
	key_witness TEXT,
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

CREATE TABLE vaccination (
	id INTEGER NOT NULL,
	child_id INTEGER NOT NULL,
	name TEXT NOT NULL,
	given_on TEXT,
	CONSTRAINT pk_vaccination PRIMARY KEY (id),
	CONSTRAINT fk_vaccination_child_id FOREIGN KEY(child_id) REFERENCES child (id)
);

CREATE INDEX ix_vaccination_child_id ON vaccination (child_id);

CREATE TABLE worker_beat (
	worker VARCHAR NOT NULL,
	seen_at DATETIME NOT NULL,
	CONSTRAINT pk_worker_beat PRIMARY KEY (worker)
);

CREATE INDEX ix_worker_beat_seen_at ON worker_beat (seen_at);

