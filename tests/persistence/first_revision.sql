BEGIN TRANSACTION;
CREATE TABLE acts (
	act_id TEXT NOT NULL, 
	seq BIGINT NOT NULL, 
	result TEXT NOT NULL, 
	PRIMARY KEY (act_id)
);
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000001',1,'"ZZ20261121-0001"');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000002',2,'"ZZ20261121-0002"');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000003',3,'"ZZ20261121-0003"');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000004',4,'null');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000005',5,'null');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000006',7,'"ZZ20261121-0001/1"');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000007',8,'null');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000008',10,'"ZZ20261121-0001#1"');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000009',11,'null');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000010',13,'"alarm i1"');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000011',14,'null');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000012',15,'false');
INSERT INTO "acts" VALUES('00000000-0000-4000-8000-000000000013',16,'null');
CREATE TABLE alarms (
	id TEXT NOT NULL, 
	state VARCHAR NOT NULL, 
	kind TEXT NOT NULL, 
	site TEXT NOT NULL, 
	account TEXT NOT NULL, 
	partition TEXT NOT NULL, 
	zone TEXT NOT NULL, 
	event_code TEXT NOT NULL, 
	sia_code TEXT NOT NULL, 
	qualifier TEXT NOT NULL, 
	protocol TEXT NOT NULL, 
	line TEXT NOT NULL, 
	paths TEXT NOT NULL, 
	presses INTEGER NOT NULL, 
	silent BOOLEAN NOT NULL, 
	latched BOOLEAN NOT NULL, 
	priority INTEGER NOT NULL, 
	incident TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	raw_hex TEXT NOT NULL, 
	why TEXT NOT NULL, 
	received_at BIGINT NOT NULL, 
	committed_at BIGINT, 
	last_press_at BIGINT, 
	again_at BIGINT, 
	restored_at BIGINT, 
	annunciated_at BIGINT, 
	acknowledged_at BIGINT, 
	judged_at BIGINT, 
	reset_at BIGINT, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "alarms" VALUES('alarm i1','ACKNOWLEDGED','panic','','7037','','','','','new','','','["A1"]',1,0,1,1,'','031','','','',1795233670000,1795233670000,NULL,NULL,NULL,NULL,1795233677000,NULL,NULL,2);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE assignments (
	id TEXT NOT NULL, 
	incident TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	lead BOOLEAN NOT NULL, 
	state VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	scene TEXT NOT NULL, 
	result_code TEXT NOT NULL, 
	result_text TEXT NOT NULL, 
	t_dispatch BIGINT NOT NULL, 
	t_sign BIGINT, 
	t_depart BIGINT, 
	t_arrive BIGINT, 
	t_scene_report BIGINT, 
	t_feedback BIGINT, 
	t_end BIGINT, 
	PRIMARY KEY (id)
);
INSERT INTO "assignments" VALUES('ZZ20261121-0001/1','ZZ20261121-0001','巡01',1,'SIGNED','','','','',1795233642000,1795233649000,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE counters (
	name TEXT NOT NULL, 
	value BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('writer opened',1);
INSERT INTO "counters" VALUES('incident 20261121',3);
CREATE TABLE deadlines_announced (
	subject TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	step INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	PRIMARY KEY (subject, rule, step, due_at)
);
INSERT INTO "deadlines_announced" VALUES('x','sign',1,1795233691000);
CREATE TABLE handoffs (
	id TEXT NOT NULL, 
	incident TEXT NOT NULL, 
	agency TEXT NOT NULL, 
	duty TEXT NOT NULL, 
	state VARCHAR NOT NULL, 
	channel TEXT NOT NULL, 
	sign_s INTEGER, 
	arrive_s INTEGER, 
	feedback_s INTEGER, 
	basis TEXT NOT NULL, 
	person TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	text TEXT NOT NULL, 
	suggested TEXT NOT NULL, 
	urged INTEGER NOT NULL, 
	on_behalf BOOLEAN NOT NULL, 
	t_draft BIGINT NOT NULL, 
	t_sent BIGINT, 
	t_delivered BIGINT, 
	t_sign BIGINT, 
	t_depart BIGINT, 
	t_arrive BIGINT, 
	t_progress BIGINT, 
	t_result BIGINT, 
	t_callback BIGINT, 
	t_close BIGINT, 
	t_end BIGINT, 
	PRIMARY KEY (id)
);
INSERT INTO "handoffs" VALUES('ZZ20261121-0001#1','ZZ20261121-0001','消防','','DELIVERED','slip',300,NULL,1800,'','','','','',0,0,1795233656000,1795233656000,1795233663000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE incidents (
	number TEXT NOT NULL, 
	state VARCHAR NOT NULL, 
	alias TEXT NOT NULL, 
	source TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	title TEXT NOT NULL, 
	priority INTEGER NOT NULL, 
	place TEXT NOT NULL, 
	place_unknown TEXT NOT NULL, 
	lat DOUBLE, 
	lon DOUBLE, 
	urban BOOLEAN NOT NULL, 
	beat TEXT NOT NULL, 
	route TEXT NOT NULL, 
	caller TEXT NOT NULL, 
	phone TEXT NOT NULL, 
	narrative TEXT NOT NULL, 
	site TEXT NOT NULL, 
	silent BOOLEAN NOT NULL, 
	owner TEXT NOT NULL, 
	result_code TEXT NOT NULL, 
	result_text TEXT NOT NULL, 
	callback TEXT NOT NULL, 
	main TEXT NOT NULL, 
	state_before TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	t_signal BIGINT, 
	t_answer BIGINT, 
	t_triage BIGINT, 
	t_triaged_again BIGINT, 
	t_dispatch BIGINT, 
	t_sign BIGINT, 
	t_depart BIGINT, 
	t_arrive BIGINT, 
	t_scene_report BIGINT, 
	t_feedback BIGINT, 
	t_review BIGINT, 
	t_callback BIGINT, 
	t_close BIGINT, 
	t_archive BIGINT, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "incidents" VALUES('ZZ20261121-0001','NEW','','call','','',3,'钟法路1号','',NULL,NULL,1,'','','','','','',0,'','','','','','',1795233607000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "incidents" VALUES('ZZ20261121-0002','NEW','','call','','',3,'丹霞路2号','',24.5,NULL,1,'','','','','改','',0,'','','','','','',1795233614000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO "incidents" VALUES('ZZ20261121-0003','NEW','','call','','',3,'胜利路3号','',NULL,NULL,1,'','','','','','',0,'','','','','','',1795233621000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
CREATE TABLE journal (
	seq INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	seat TEXT NOT NULL, 
	act_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	incident TEXT NOT NULL, 
	body TEXT NOT NULL, 
	prev_hash VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	algo VARCHAR(16) NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "journal" VALUES(1,1795233607000,'031','03','00000000-0000-4000-8000-000000000001','IncidentOpened',1,'ZZ20261121-0001','{"incident":"ZZ20261121-0001","record":{"alias":"","beat":"","callback":"","caller":"","created_at":"2026-11-21T04:00:07.000Z","kind":"","lat":null,"lon":null,"main":"","narrative":"","number":"ZZ20261121-0001","owner":"","phone":"","place":"钟法路1号","place_unknown":"","priority":3,"result_code":"","result_text":"","route":"","silent":false,"site":"","source":"call","state":"NEW","state_before":"","t_answer":null,"t_archive":null,"t_arrive":null,"t_callback":null,"t_close":null,"t_depart":null,"t_dispatch":null,"t_feedback":null,"t_review":null,"t_scene_report":null,"t_sign":null,"t_signal":null,"t_triage":null,"t_triaged_again":null,"title":"","urban":true,"version":1}}','8fdd6d9b137e338e1ae798417e526e63b566268675858e247fd1750d36661ece','888afe308f42d8bec9e9bc9c5a9c0ce4b1ada4a70539c6f77551cdcf481ae750','sha256');
INSERT INTO "journal" VALUES(2,1795233614000,'031','03','00000000-0000-4000-8000-000000000002','IncidentOpened',1,'ZZ20261121-0002','{"incident":"ZZ20261121-0002","record":{"alias":"","beat":"","callback":"","caller":"","created_at":"2026-11-21T04:00:14.000Z","kind":"","lat":null,"lon":null,"main":"","narrative":"","number":"ZZ20261121-0002","owner":"","phone":"","place":"丹霞路2号","place_unknown":"","priority":3,"result_code":"","result_text":"","route":"","silent":false,"site":"","source":"call","state":"NEW","state_before":"","t_answer":null,"t_archive":null,"t_arrive":null,"t_callback":null,"t_close":null,"t_depart":null,"t_dispatch":null,"t_feedback":null,"t_review":null,"t_scene_report":null,"t_sign":null,"t_signal":null,"t_triage":null,"t_triaged_again":null,"title":"","urban":true,"version":1}}','888afe308f42d8bec9e9bc9c5a9c0ce4b1ada4a70539c6f77551cdcf481ae750','42204ec287ecaaa2ab3f98700cfd88d6f423cb3aa4e0bcf6abebd36c4cd16e4f','sha256');
INSERT INTO "journal" VALUES(3,1795233621000,'031','03','00000000-0000-4000-8000-000000000003','IncidentOpened',1,'ZZ20261121-0003','{"incident":"ZZ20261121-0003","record":{"alias":"","beat":"","callback":"","caller":"","created_at":"2026-11-21T04:00:21.000Z","kind":"","lat":null,"lon":null,"main":"","narrative":"","number":"ZZ20261121-0003","owner":"","phone":"","place":"胜利路3号","place_unknown":"","priority":3,"result_code":"","result_text":"","route":"","silent":false,"site":"","source":"call","state":"NEW","state_before":"","t_answer":null,"t_archive":null,"t_arrive":null,"t_callback":null,"t_close":null,"t_depart":null,"t_dispatch":null,"t_feedback":null,"t_review":null,"t_scene_report":null,"t_sign":null,"t_signal":null,"t_triage":null,"t_triaged_again":null,"title":"","urban":true,"version":1}}','42204ec287ecaaa2ab3f98700cfd88d6f423cb3aa4e0bcf6abebd36c4cd16e4f','8b1e311df6f38b5a22c3c1e11f6e97eedc3f88040685c606fd5cbca7c77de725','sha256');
INSERT INTO "journal" VALUES(4,1795233628000,'031','03','00000000-0000-4000-8000-000000000004','UnitRegistered',1,'','{"incident":"","unit":{"beat":"","echelon":"","home_lat":30.6,"home_lon":114.3,"id":"巡01","incident":"","members":2,"name":"","phone":"","speed_kmh":30.0,"status":"00","status_before":"00","status_since":"2026-11-21T04:00:28.000Z","type":"","vehicle":"","version":1}}','8b1e311df6f38b5a22c3c1e11f6e97eedc3f88040685c606fd5cbca7c77de725','8c89399c92e00a9dd30be073a5fd863e137aab62ea7dc620da2e2dab27bad760','sha256');
INSERT INTO "journal" VALUES(5,1795233635000,'031','03','00000000-0000-4000-8000-000000000005','SiteRegistered',1,'','{"incident":"","site":{"account":"7037","address":"","beat":"","callback_phone":"","id":"S1","keyholder":"","keyholder_phone":"","kind":"","lat":null,"limit_min":null,"linkage":["消防","120"],"lon":null,"meu":0,"moving":false,"name":"第一中学","urban":true,"zones":{"004":"门卫室"}}}','8c89399c92e00a9dd30be073a5fd863e137aab62ea7dc620da2e2dab27bad760','e9aaae8902c408b2e3f3df58a06f75afa30a9af5ba5b4542b288ae29162ef63f','sha256');
INSERT INTO "journal" VALUES(6,1795233642000,'031','03','00000000-0000-4000-8000-000000000006','UnitAssigned',1,'ZZ20261121-0001','{"assignment":{"id":"ZZ20261121-0001/1","incident":"ZZ20261121-0001","lead":true,"reason":"","result_code":"","result_text":"","scene":"","state":"DISPATCHED","t_arrive":null,"t_depart":null,"t_dispatch":"2026-11-21T04:00:42.000Z","t_end":null,"t_feedback":null,"t_scene_report":null,"t_sign":null,"unit":"巡01"},"incident":"ZZ20261121-0001"}','e9aaae8902c408b2e3f3df58a06f75afa30a9af5ba5b4542b288ae29162ef63f','f2635aad8a61e6ba75a36addb1771e86e3006d8327e275bf7121dbea7b828fce','sha256');
INSERT INTO "journal" VALUES(7,1795233642000,'031','03','00000000-0000-4000-8000-000000000006','LeadChanged',1,'ZZ20261121-0001','{"assignment":"ZZ20261121-0001/1","incident":"ZZ20261121-0001"}','f2635aad8a61e6ba75a36addb1771e86e3006d8327e275bf7121dbea7b828fce','85a5aae820dbb09c8ecea0634306e4ba26ce6247f2f7c03cf5fe83c3fbd151b2','sha256');
INSERT INTO "journal" VALUES(8,1795233649000,'031','03','00000000-0000-4000-8000-000000000007','AssignmentMoved',1,'ZZ20261121-0001','{"act":"sign","assignment":"ZZ20261121-0001/1","code":"","implied":false,"incident":"ZZ20261121-0001","on_behalf":false,"reason":"","text":""}','85a5aae820dbb09c8ecea0634306e4ba26ce6247f2f7c03cf5fe83c3fbd151b2','3e7a169ab46e575376a6902255b9d0f80ee536612b3c6c7facad8d9635bceee5','sha256');
INSERT INTO "journal" VALUES(9,1795233656000,'031','03','00000000-0000-4000-8000-000000000008','HandoffDrafted',1,'ZZ20261121-0001','{"handoff":{"agency":"消防","arrive_s":null,"basis":"","channel":"slip","duty":"","feedback_s":1800,"id":"ZZ20261121-0001#1","incident":"ZZ20261121-0001","on_behalf":false,"person":"","reason":"","sign_s":300,"state":"DRAFT","suggested":"","t_arrive":null,"t_callback":null,"t_close":null,"t_delivered":null,"t_depart":null,"t_draft":"2026-11-21T04:00:56.000Z","t_end":null,"t_progress":null,"t_result":null,"t_sent":null,"t_sign":null,"text":"","urged":0},"incident":"ZZ20261121-0001"}','3e7a169ab46e575376a6902255b9d0f80ee536612b3c6c7facad8d9635bceee5','ad39df44404d78185765466b46ce2682b9762fcf187a269fec1b36ed04803349','sha256');
INSERT INTO "journal" VALUES(10,1795233656000,'031','03','00000000-0000-4000-8000-000000000008','HandoffMoved',1,'ZZ20261121-0001','{"act":"send","by":"","channel":"slip","handoff":"ZZ20261121-0001#1","implied":false,"incident":"ZZ20261121-0001","on_behalf":false,"reason":"","suggested":"","text":""}','ad39df44404d78185765466b46ce2682b9762fcf187a269fec1b36ed04803349','099c588da97a3e1cc9a2a3f2debd96dd21b95f08133f1fbe7a08b94bcc4ecb33','sha256');
INSERT INTO "journal" VALUES(11,1795233663000,'031','03','00000000-0000-4000-8000-000000000009','HandoffMoved',1,'ZZ20261121-0001','{"act":"deliver","by":"","channel":"","handoff":"ZZ20261121-0001#1","implied":false,"incident":"ZZ20261121-0001","on_behalf":false,"reason":"","suggested":"","text":""}','099c588da97a3e1cc9a2a3f2debd96dd21b95f08133f1fbe7a08b94bcc4ecb33','bca7e8be49cbc89f4e830967f0577c8adba1f59d3cff0690ca158faa4a05c1d5','sha256');
INSERT INTO "journal" VALUES(12,1795233670000,'031','03','00000000-0000-4000-8000-000000000010','SignalReceived',1,'','{"incident":"","signal":{"account":"7037","ack_hex":"","alarm":"","copy_of":"","event_code":"","extended":{"text":"紧急"},"ingest_id":"i1","line":"A1","partition":"","protocol":"surgard","qualifier":"","raw_hex":"0a","received_at":"2026-11-21T04:01:10.000Z","sia_code":"","type":"signal","why":"","zone":""}}','bca7e8be49cbc89f4e830967f0577c8adba1f59d3cff0690ca158faa4a05c1d5','71456639ee2f54efbce49e8debaae9d9bef84fe43dcb20f3409ba485205c94d1','sha256');
INSERT INTO "journal" VALUES(13,1795233670000,'031','03','00000000-0000-4000-8000-000000000010','AlarmRaised',1,'','{"alarm":{"account":"7037","acknowledged_at":null,"again_at":null,"annunciated_at":null,"committed_at":null,"event_code":"","id":"alarm i1","incident":"","judged_at":null,"kind":"panic","last_press_at":null,"latched":true,"line":"","owner":"","partition":"","paths":["A1"],"presses":1,"priority":1,"protocol":"","qualifier":"new","raw_hex":"","reason":"","received_at":"2026-11-21T04:01:10.000Z","reset_at":null,"restored_at":null,"sia_code":"","silent":false,"site":"","state":"RECEIVED","version":1,"why":"","zone":""},"incident":""}','71456639ee2f54efbce49e8debaae9d9bef84fe43dcb20f3409ba485205c94d1','06e3eb3fc37b0171b777c3b4eafc192518c15384cc8a149d62175b771728403c','sha256');
INSERT INTO "journal" VALUES(14,1795233677000,'031','03','00000000-0000-4000-8000-000000000011','AlarmMoved',1,'','{"act":"acknowledge","alarm":"alarm i1","incident":"","reason":""}','06e3eb3fc37b0171b777c3b4eafc192518c15384cc8a149d62175b771728403c','f25bac9a5e826de8d618a828546d01ffa3b5f88c82ae2fd75c3be933147fe421','sha256');
INSERT INTO "journal" VALUES(15,1795233691000,'031','03','00000000-0000-4000-8000-000000000012','DeadlinePassed',1,'','{"due_at":"2026-11-21T04:01:31.000Z","incident":"","owner":"","rule":"sign","step":1,"subject":"x"}','f25bac9a5e826de8d618a828546d01ffa3b5f88c82ae2fd75c3be933147fe421','4b582ec39c439df44247e0b1217e066f2e8d6c03d852581abc14502e3b2743dc','sha256');
INSERT INTO "journal" VALUES(16,1795233698000,'031','03','00000000-0000-4000-8000-000000000013','IncidentEdited',1,'ZZ20261121-0002','{"incident":"ZZ20261121-0002","new":{"lat":24.5,"narrative":"改"},"old":{"lat":null,"narrative":""}}','4b582ec39c439df44247e0b1217e066f2e8d6c03d852581abc14502e3b2743dc','c4a9db43eefb251b0f655531b70043e9b3f8e317ade51f85d3ea3ba989da1e64','sha256');
CREATE TABLE lines (
	name TEXT NOT NULL, 
	protocol TEXT NOT NULL, 
	address TEXT NOT NULL, 
	state VARCHAR NOT NULL, 
	since BIGINT NOT NULL, 
	last_heard BIGINT, 
	why TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE signals (
	ingest_id TEXT NOT NULL, 
	seq BIGINT, 
	line TEXT NOT NULL, 
	protocol TEXT NOT NULL, 
	type TEXT NOT NULL, 
	account TEXT NOT NULL, 
	partition TEXT NOT NULL, 
	zone TEXT NOT NULL, 
	event_code TEXT NOT NULL, 
	sia_code TEXT NOT NULL, 
	qualifier TEXT NOT NULL, 
	why TEXT NOT NULL, 
	raw_hex TEXT NOT NULL, 
	ack_hex TEXT NOT NULL, 
	copy_of TEXT NOT NULL, 
	alarm TEXT NOT NULL, 
	extended TEXT NOT NULL, 
	received_at BIGINT NOT NULL, 
	PRIMARY KEY (ingest_id), 
	UNIQUE (seq)
);
INSERT INTO "signals" VALUES('i1',12,'A1','surgard','signal','7037','','','','','','','0a','','','','{"text": "紧急"}',1795233670000);
CREATE TABLE sites (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	account TEXT NOT NULL, 
	address TEXT NOT NULL, 
	beat TEXT NOT NULL, 
	lat DOUBLE, 
	lon DOUBLE, 
	urban BOOLEAN NOT NULL, 
	moving BOOLEAN NOT NULL, 
	keyholder TEXT NOT NULL, 
	keyholder_phone TEXT NOT NULL, 
	callback_phone TEXT NOT NULL, 
	meu INTEGER NOT NULL, 
	zones TEXT NOT NULL, 
	linkage TEXT NOT NULL, 
	limit_min INTEGER, 
	PRIMARY KEY (id)
);
INSERT INTO "sites" VALUES('S1','第一中学','','7037','','',NULL,NULL,1,0,'','','',0,'{"004": "门卫室"}','["消防", "120"]',NULL);
CREATE TABLE track (
	id INTEGER NOT NULL, 
	unit TEXT NOT NULL, 
	lat DOUBLE NOT NULL, 
	lon DOUBLE NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE units (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	echelon TEXT NOT NULL, 
	type TEXT NOT NULL, 
	beat TEXT NOT NULL, 
	status VARCHAR NOT NULL, 
	status_since BIGINT NOT NULL, 
	status_before VARCHAR NOT NULL, 
	incident TEXT NOT NULL, 
	members INTEGER NOT NULL, 
	vehicle TEXT NOT NULL, 
	phone TEXT NOT NULL, 
	speed_kmh DOUBLE NOT NULL, 
	home_lat DOUBLE, 
	home_lon DOUBLE, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "units" VALUES('巡01','','','','','00',1795233628000,'00','',2,'','',30.0,30.6,114.3,1);
CREATE INDEX ix_incidents_alias ON incidents (alias);
CREATE INDEX ix_incidents_created_at ON incidents (created_at);
CREATE INDEX ix_incidents_main ON incidents (main);
CREATE INDEX ix_incidents_phone ON incidents (phone, created_at) WHERE phone <> '';
CREATE INDEX ix_incidents_state ON incidents (state);
CREATE INDEX ix_incidents_t_close ON incidents (t_close);
CREATE INDEX ix_assignments_incident ON assignments (incident);
CREATE INDEX ix_assignments_unit ON assignments (unit);
CREATE INDEX ix_handoffs_incident ON handoffs (incident);
CREATE INDEX ix_alarms_account ON alarms (account);
CREATE INDEX ix_alarms_incident ON alarms (incident);
CREATE INDEX ix_alarms_line_reset_at ON alarms (line, reset_at);
CREATE INDEX ix_alarms_received_at ON alarms (received_at);
CREATE INDEX ix_alarms_site ON alarms (site);
CREATE INDEX ix_alarms_state ON alarms (state);
CREATE INDEX ix_units_incident ON units (incident);
CREATE INDEX ix_sites_account ON sites (account);
CREATE INDEX ix_signals_line ON signals (line);
CREATE INDEX ix_signals_received_at ON signals (received_at);
CREATE INDEX ix_journal_at ON journal (at);
CREATE INDEX ix_journal_incident ON journal (incident);
CREATE INDEX ix_track_unit_at ON track (unit, at);
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
COMMIT;
