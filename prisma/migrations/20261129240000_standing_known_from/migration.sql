-- What was known of an agent at a time: rows are only added. The latest row of a key with known_from <= T is what was known at T.
-- Nobody recorded when the rows of earlier releases became known, so they count as always known ('-infinity').
ALTER TABLE "agent_standing" ADD COLUMN "known_from" TIMESTAMPTZ(3) NOT NULL DEFAULT '-infinity';
ALTER TABLE "agent_standing" ALTER COLUMN "known_from" SET DEFAULT CURRENT_TIMESTAMP,
  DROP CONSTRAINT "agent_standing_pkey",
  ADD CONSTRAINT "agent_standing_pkey" PRIMARY KEY ("agent_key","type","scope","valid_from","known_from");

-- When an agent's last day and a corporation's principal became known; "agents" has what is known now.
CREATE TABLE "agent_activity" (
    "agent_key" TEXT NOT NULL,
    "known_from" TIMESTAMPTZ(3) NOT NULL,
    "terminated_on" DATE,
    "principal_key" TEXT,

    CONSTRAINT "agent_activity_pkey" PRIMARY KEY ("agent_key","known_from")
);
ALTER TABLE "agent_activity" ADD CONSTRAINT "agent_activity_agent_key_fkey" FOREIGN KEY ("agent_key") REFERENCES "agents"("agent_key") ON DELETE RESTRICT ON UPDATE CASCADE;
INSERT INTO "agent_activity" SELECT "agent_key", '-infinity', "terminated_on", "principal_key" FROM "agents";

-- A trigger, so that no writer of "agents" can forget it. An import sets tenure.known_from, one time for all its lines.
CREATE FUNCTION "note_agent_activity"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  known_now timestamptz := date_trunc('milliseconds',
    coalesce(nullif(current_setting('tenure.known_from', true), '')::timestamptz, statement_timestamp()));
BEGIN
  INSERT INTO agent_activity (agent_key, known_from, terminated_on, principal_key)
  SELECT n.agent_key, greatest(known_now, latest.known_from + interval '1 millisecond'), n.terminated_on, n.principal_key
  FROM written n LEFT JOIN LATERAL (
    SELECT * FROM agent_activity a WHERE a.agent_key = n.agent_key ORDER BY a.known_from DESC LIMIT 1
  ) latest ON true
  WHERE latest.agent_key IS NULL
    OR (latest.terminated_on, latest.principal_key) IS DISTINCT FROM (n.terminated_on, n.principal_key);
  RETURN NULL;
END
$$;
CREATE TRIGGER "agents_activity_insert" AFTER INSERT ON "agents" REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION "note_agent_activity"();
CREATE TRIGGER "agents_activity_update" AFTER UPDATE ON "agents" REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION "note_agent_activity"();

CREATE TRIGGER "agent_standing_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "agent_standing"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "agent_activity_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "agent_activity"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
ALTER TABLE "agent_standing" ENABLE ALWAYS TRIGGER "agent_standing_append_only";
ALTER TABLE "agent_activity" ENABLE ALWAYS TRIGGER "agent_activity_append_only";
