-- Which of two states of a change is the later one: its run hears of moves in any order.
ALTER TABLE "plan_changes" ADD COLUMN "moves" INTEGER NOT NULL DEFAULT 0;
