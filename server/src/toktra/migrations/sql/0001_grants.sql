-- What the server's role may do: read and write rows, and nothing to the tables themselves.
GRANT USAGE ON SCHEMA corporate TO toktra_corporate;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA corporate TO toktra_corporate;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA corporate TO toktra_corporate;
ALTER DEFAULT PRIVILEGES IN SCHEMA corporate GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO toktra_corporate;
ALTER DEFAULT PRIVILEGES IN SCHEMA corporate GRANT USAGE, SELECT ON SEQUENCES TO toktra_corporate;
REVOKE ALL ON FUNCTION make_event_partitions(date, date), drop_event_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_event_partitions(date, date), drop_event_partitions(date) TO toktra_corporate;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM toktra_corporate;
