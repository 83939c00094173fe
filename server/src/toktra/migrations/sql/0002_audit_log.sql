-- The audit log: an entry for each change of an administrative thing, written by the database itself.
--
-- L1: a change and its entry are committed together, or neither is.
-- L2: an organisation's entries are one chain: `seq` counts from 1 without a gap, and each entry has the hash
--     of the one before it.
-- L3: the corporate role can read entries and can neither write, change nor take away one.
-- L4: the head's row is the last lock that a transaction takes, while it commits. So changes of one
--     organisation wait for each other's commit only, and nothing that waits is waited for.
-- L5: what is hidden (hashes, sealed keys) is never in an entry; only that it changed.

CREATE TABLE audit_log (
    org_id          uuid        NOT NULL,
    seq             bigint      NOT NULL,
    at              timestamptz NOT NULL,
    actor_user_id   uuid,
    credential_kind varchar     NOT NULL,
    credential_id   uuid,
    request_id      varchar,
    action          varchar     NOT NULL,
    target_kind     varchar     NOT NULL,
    target_id       varchar     NOT NULL,
    before          jsonb,
    after           jsonb,
    previous_hash   bytea       NOT NULL,
    hash            bytea       NOT NULL,
    PRIMARY KEY (org_id, seq)
);
CREATE INDEX audit_log_by_time ON audit_log (org_id, at);
CREATE INDEX audit_log_by_action ON audit_log (org_id, action, seq);
CREATE INDEX audit_log_by_actor ON audit_log (org_id, actor_user_id, seq);
CREATE INDEX audit_log_by_target ON audit_log (org_id, target_kind, target_id, seq);

-- The last entry of each chain, so that one missing at the end is noticed.
CREATE TABLE audit_heads (
    org_id uuid   NOT NULL PRIMARY KEY,
    seq    bigint NOT NULL,
    hash   bytea  NOT NULL
) WITH (fillfactor = 70);
INSERT INTO audit_heads SELECT id, 0, '' FROM organizations;

REVOKE ALL ON audit_log, audit_heads FROM toktra_corporate;
GRANT SELECT ON audit_log, audit_heads TO toktra_corporate;

-- Everything in an entry but the hash itself, in one order. The text of jsonb is canonical.
CREATE FUNCTION audit_hash(entry audit_log) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(entry.previous_hash || convert_to(jsonb_build_array(
        entry.org_id, entry.seq, entry.at AT TIME ZONE 'UTC', entry.actor_user_id, entry.credential_kind,
        entry.credential_id, entry.request_id, entry.action, entry.target_kind, entry.target_id,
        entry.before, entry.after)::text, 'UTF8'));

-- Created, changed or deleted; and where a change has a name of its own, that.
CREATE FUNCTION audit_verb(old_row jsonb, new_row jsonb) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE
        WHEN old_row IS NULL THEN 'created'
        WHEN new_row IS NULL THEN 'deleted'
        WHEN old_row ->> 'revoked_at' IS NULL AND new_row ->> 'revoked_at' IS NOT NULL THEN 'revoked'
        WHEN old_row ->> 'archived_at' IS NULL AND new_row ->> 'archived_at' IS NOT NULL THEN 'archived'
        WHEN old_row ->> 'status' IS NOT DISTINCT FROM new_row ->> 'status' THEN 'changed'
        WHEN new_row ->> 'status' = 'active' THEN 'reactivated'
        ELSE coalesce(new_row ->> 'status', 'changed')
    END;

-- A row as an entry shows it (L5).
CREATE FUNCTION audit_shown(kept jsonb, hidden text[]) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY hidden LOOP
        IF kept ->> name IS NOT NULL THEN
            kept := jsonb_set(kept, ARRAY[name], '"(hidden)"');
        END IF;
    END LOOP;
    RETURN kept;
END $$;

-- Writes one entry. With the owner's rights, since the corporate role has none to do so (L3).
CREATE FUNCTION write_audit_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = corporate, pg_temp AS $$
DECLARE
    noun     text   := TG_ARGV[0];
    named_by text[] := TG_ARGV[1];
    hidden   text[] := TG_ARGV[2];
    ignored  text[] := TG_ARGV[3];
    old_row  jsonb  := to_jsonb(OLD);
    new_row  jsonb  := to_jsonb(NEW);
    target   jsonb  := coalesce(new_row, old_row);
    said     text   := current_setting('toktra.caller', true);
    caller   jsonb  := '{}';
    entry    audit_log;
    head     audit_heads;
    last     audit_heads;
BEGIN
    entry.org_id := coalesce(target ->> 'org_id', target ->> 'id')::uuid;
    SELECT * INTO head FROM audit_heads WHERE org_id = entry.org_id FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit_heads VALUES (entry.org_id, 0, '') ON CONFLICT DO NOTHING;
        SELECT * INTO head FROM audit_heads WHERE org_id = entry.org_id FOR UPDATE;
    END IF;
    -- Entries past the head are this transaction's own: the head moves once, behind the last of them. If it
    -- moved with each, a change of n rows would leave n versions of it and go through all of them n times.
    SELECT org_id, seq, hash INTO last FROM audit_log
    WHERE org_id = entry.org_id AND seq > head.seq ORDER BY seq DESC LIMIT 1;
    IF NOT FOUND THEN
        last := head;
    END IF;
    -- What the server says about the caller. A setting that is not there or cannot be read must not keep a
    -- change from being made.
    IF pg_input_is_valid(said, 'jsonb') THEN
        caller := said;
    END IF;
    IF pg_input_is_valid(caller ->> 'user_id', 'uuid') THEN
        entry.actor_user_id := (caller ->> 'user_id')::uuid;
    END IF;
    IF pg_input_is_valid(caller ->> 'credential_id', 'uuid') THEN
        entry.credential_id := (caller ->> 'credential_id')::uuid;
    END IF;

    entry.seq := last.seq + 1;
    entry.at := clock_timestamp();
    entry.credential_kind := coalesce(caller ->> 'credential_kind', 'command');
    entry.request_id := caller ->> 'request_id';
    entry.action := CASE WHEN noun LIKE '%.%' THEN noun ELSE noun || '.' || audit_verb(old_row, new_row) END;
    entry.target_kind := split_part(noun, '.', 1);
    entry.target_id := target ->> named_by[1];
    FOR place IN 2 .. cardinality(named_by) LOOP
        entry.target_id := concat_ws('/', entry.target_id, target ->> named_by[place]);
    END LOOP;
    entry.before := old_row;
    entry.after := new_row;
    IF noun LIKE '%.%' THEN
        entry.before := NULL;
        entry.actor_user_id := coalesce(entry.actor_user_id, (target ->> 'user_id')::uuid);
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, new_row -> key) INTO entry.before, entry.after
        FROM jsonb_each(old_row) WHERE new_row -> key IS DISTINCT FROM value AND key <> ALL (ignored);
    END IF;
    entry.before := audit_shown(entry.before, hidden);
    entry.after := audit_shown(entry.after, hidden);
    entry.previous_hash := last.hash;
    entry.hash := audit_hash(entry);
    INSERT INTO audit_log VALUES (entry.*);
    RETURN NULL;
END $$;

CREATE FUNCTION move_audit_head() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = corporate, pg_temp AS $$
BEGIN
    UPDATE audit_heads SET seq = NEW.seq, hash = NEW.hash
    WHERE org_id = NEW.org_id
      AND NOT EXISTS (SELECT FROM audit_log later WHERE later.org_id = NEW.org_id AND later.seq = NEW.seq + 1);
    RETURN NULL;
END $$;
-- Deferred like the entries, and so after all of them.
CREATE CONSTRAINT TRIGGER audit_head AFTER INSERT ON audit_log DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION move_audit_head();

-- Has every change of a table's rows written down from now on. Later migrations call it for their tables.
--   noun        what a row is called: the kind of target, and the first half of the action. A whole action, such
--               as `request.blocked`, for a table whose rows are counts of what a user did: entries show all of it
--   hidden      columns whose values are never shown; those of type bytea are hidden anyway
--   ignored     columns whose change alone is worth no entry
--   named_by    columns that say which row it is; if left out `id`, else the key's columns that can be shown
--   operations  if not all three are worth an entry
-- Called again, it replaces what it did before.
CREATE FUNCTION audit_table(
    audited regclass, noun text, hidden text[] DEFAULT '{}', ignored text[] DEFAULT '{}',
    named_by text[] DEFAULT NULL, operations text[] DEFAULT '{INSERT,UPDATE,DELETE}'
) RETURNS void LANGUAGE plpgsql SET search_path = corporate, pg_temp AS $$
DECLARE
    columns  text[] := ARRAY(SELECT attname FROM pg_attribute
                             WHERE attrelid = audited AND attnum > 0 AND NOT attisdropped);
    key      text[] := ARRAY(SELECT attname FROM pg_attribute JOIN pg_index ON indrelid = attrelid
                             WHERE attrelid = audited AND indisprimary AND attnum = ANY (indkey) ORDER BY attnum);
    writing  text;
    whole    text[] := array_remove(operations, 'UPDATE');
    unknown  text[];
BEGIN
    hidden := hidden || ARRAY(SELECT attname::text FROM pg_attribute
                              WHERE attrelid = audited AND atttypid = 'bytea'::regtype AND NOT attisdropped);
    named_by := coalesce(named_by, CASE WHEN 'id' = ANY (columns) THEN '{id}'::text[] END,
        ARRAY(SELECT name FROM unnest(key) AS name WHERE name <> 'org_id' AND name <> ALL (hidden)));
    IF named_by = '{}' THEN
        named_by := '{org_id}';
    END IF;
    unknown := ARRAY(SELECT name FROM unnest(hidden || ignored || named_by) AS name WHERE name <> ALL (columns));
    IF unknown <> '{}' OR named_by && hidden THEN
        RAISE EXCEPTION '% cannot be audited so: no such columns %, or a hidden one names its rows', audited, unknown;
    END IF;

    writing := format('DEFERRABLE INITIALLY DEFERRED FOR EACH ROW %%s EXECUTE FUNCTION write_audit_entry(%L, %L, %L, %L)',
                      noun, named_by, hidden, ignored);
    EXECUTE format('DROP TRIGGER IF EXISTS audit_rows ON %s', audited);
    EXECUTE format('DROP TRIGGER IF EXISTS audit_changes ON %s', audited);
    IF whole <> '{}' THEN
        EXECUTE format('CREATE CONSTRAINT TRIGGER audit_rows AFTER %s ON %s ' || writing,
                       array_to_string(whole, ' OR '), audited, '');
    END IF;
    -- The condition is looked at with the change itself: one that is ignored costs nothing at the commit.
    IF 'UPDATE' = ANY (operations) THEN
        EXECUTE format('CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE ON %s ' || writing, audited,
                       format('WHEN (to_jsonb(OLD) - %L::text[] IS DISTINCT FROM to_jsonb(NEW) - %L::text[])',
                              ignored, ignored));
    END IF;
END $$;

REVOKE ALL ON FUNCTION write_audit_entry(), move_audit_head() FROM PUBLIC;
REVOKE ALL ON FUNCTION audit_table(regclass, text, text[], text[], text[], text[]) FROM PUBLIC;

SELECT audit_table('organizations', 'organization');
SELECT audit_table('departments', 'department');
SELECT audit_table('users', 'user');
SELECT audit_table('passwords', 'password', hidden => '{argon2}');
SELECT audit_table('invitations', 'invitation', named_by => '{user_id}');
SELECT audit_table('api_keys', 'api_key', ignored => '{last_used_at}');
SELECT audit_table('oauth_clients', 'oauth_client');
SELECT audit_table('sessions', 'session', hidden => '{csrf_token}', operations => '{INSERT}');
SELECT audit_table('enrollment_tokens', 'enrollment_token', ignored => '{uses}');
SELECT audit_table('devices', 'device', ignored => '{last_seen_at}');
SELECT audit_table('device_certificates', 'device_certificate');
SELECT audit_table('device_authorities', 'device_authority');
