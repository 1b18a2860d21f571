-- AlterTable
ALTER TABLE "audit_events" ADD COLUMN     "operator" TEXT;
