-- What is stored was folded by version 1, and so is what processes of the release before still write.
-- AlterTable
ALTER TABLE "security_answers" ADD COLUMN     "fold_version" INTEGER NOT NULL DEFAULT 1;
