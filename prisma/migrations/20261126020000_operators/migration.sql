-- AlterTable
ALTER TABLE "audit_events" ADD COLUMN     "about" TEXT,
ADD COLUMN     "reason" TEXT;

-- AlterTable
ALTER TABLE "mail_deliveries" ADD COLUMN     "resends" INTEGER NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "aor_decisions_agent_key_decided_at_idx" ON "aor_decisions"("agent_key", "decided_at");

-- CreateIndex
CREATE INDEX "aor_decisions_previous_agent_key_decided_at_idx" ON "aor_decisions"("previous_agent_key", "decided_at");
