-- A page may give up a reset that has succeeded elsewhere: it finds itself as it would if nobody had succeeded.
ALTER TABLE "reset_uses" DROP CONSTRAINT "reset_uses_kind_check";
ALTER TABLE "reset_uses" ADD CONSTRAINT "reset_uses_kind_check" CHECK ("kind" IN ('pin', 'wrong', 'success', 'allowance', 'left'));
CREATE INDEX "reset_uses_left_at_idx" ON "reset_uses"("at") WHERE "kind" = 'left';
