-- Makes the role that Grafana reads with, or brings it up to date: it may SELECT the views `grafana_…`, and nothing
-- else. Run it by psql 14 or newer in Stemma's database, as its owner with the right to make roles, after Stemma has
-- started there once; again after an update of Stemma, which may bring new views. The password comes from the
-- environment:
--
--   STEMMA_READER_PASSWORD=… psql --no-psqlrc --file=reader.sql "host=… user=stemma dbname=stemma"
--
-- STEMMA_READER names the role, else it is stemma_reader.
\set ON_ERROR_STOP on
\set reader stemma_reader
\getenv reader STEMMA_READER
\set password ''
\getenv password STEMMA_READER_PASSWORD
SELECT :'password' = '' AS unprotected \gset
\if :unprotected
  \warn STEMMA_READER_PASSWORD is empty: set it to the password that Grafana is given
  DO $$ BEGIN RAISE EXCEPTION 'no password'; END $$;
\endif

BEGIN;
SELECT format('CREATE ROLE %I', :'reader') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'reader') \gexec
ALTER ROLE :"reader" WITH LOGIN NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT 20 PASSWORD :'password';
-- A second lock behind the missing rights, and an end to a query that somebody has forgotten.
ALTER ROLE :"reader" SET default_transaction_read_only = on;
ALTER ROLE :"reader" SET statement_timeout = '30s';
-- Compiling a query of this kind takes seconds, and running it a tenth of one.
ALTER ROLE :"reader" SET jit = off;

SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'reader') \gexec
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), :'reader') \gexec
SELECT format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %I', current_schema(), :'reader') \gexec
SELECT format('GRANT SELECT ON %I.%I TO %I', schemaname, viewname, :'reader')
FROM pg_views WHERE schemaname = current_schema() AND viewname LIKE 'grafana\_%' ORDER BY viewname \gexec
SELECT count(*) > 0 AS granted FROM pg_views WHERE schemaname = current_schema() AND viewname LIKE 'grafana\_%' \gset
\if :granted
\else
  \warn there is no view yet: start Stemma on this database first
  DO $$ BEGIN RAISE EXCEPTION 'no views'; END $$;
\endif
COMMIT;
