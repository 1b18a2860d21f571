-- A broker may have a run for each kind of proof. A guess is written before it is compared, so that both runs together cannot exceed the
-- person's budget; it is deleted when its outcome is known.
ALTER TABLE "reset_uses" DROP CONSTRAINT "reset_uses_kind_check";
ALTER TABLE "reset_uses" ADD CONSTRAINT "reset_uses_kind_check"
  CHECK ("kind" IN ('pin', 'guess', 'wrong', 'success', 'allowance', 'left'));
DROP INDEX "reset_uses_left_at_idx";
CREATE INDEX "reset_uses_passing_at_idx" ON "reset_uses"("at") WHERE "kind" IN ('guess', 'left');

-- How many guesses of the subject were being compared before this one; a guess that was recorded as wrong is not any more.
CREATE FUNCTION "begin_reset_guess"(reset uuid, number int, subject text, begun_at timestamptz, since timestamptz)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  comparing int;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(subject, 0));
  SELECT count(*) INTO comparing FROM reset_uses g
  WHERE g.subject_key = subject AND g.kind = 'guess' AND g.at > since AND (g.reset_id, g.sequence) <> (reset, number)
    AND NOT EXISTS (
      SELECT FROM reset_uses w WHERE (w.reset_id, w.kind, w.sequence) = (g.reset_id, 'wrong', g.sequence));
  INSERT INTO reset_uses (reset_id, kind, sequence, subject_key, at) VALUES (reset, 'guess', number, subject, begun_at)
  ON CONFLICT DO NOTHING;
  RETURN comparing;
END
$$;
