-- What a Prisma schema cannot say.

-- An allowance of the helpdesk: what was used before it counts no more. Rows are never taken back.
ALTER TABLE "reset_uses" DROP CONSTRAINT "reset_uses_kind_check";
ALTER TABLE "reset_uses" ADD CONSTRAINT "reset_uses_kind_check"
  CHECK ("kind" IN ('pin', 'wrong', 'success', 'allowance'));

-- As before, but for PINs before the last allowance.
CREATE OR REPLACE FUNCTION "count_reset_pin"(reset uuid, number int, subject text, made_at timestamptz, since timestamptz, at_most int)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(subject, 0));
  INSERT INTO reset_uses (reset_id, kind, sequence, subject_key, at)
  SELECT reset, 'pin', number, subject, made_at
  WHERE (
    SELECT count(*) FROM reset_uses
    WHERE subject_key = subject AND kind = 'pin' AND at > greatest(since, (
      SELECT max(at) FROM reset_uses WHERE subject_key = subject AND kind = 'allowance'))
  ) < at_most
  ON CONFLICT DO NOTHING;
  RETURN EXISTS (SELECT FROM reset_uses WHERE reset_id = reset AND kind = 'pin' AND sequence = number);
END
$$;
