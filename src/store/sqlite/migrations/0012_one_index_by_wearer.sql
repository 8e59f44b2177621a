-- One index by wearer instead of two, for what is read back and for trails: every reading writes a page of each.
DROP INDEX journal_of_wearer;
DROP INDEX journal_trail;
CREATE INDEX journal_of_wearer ON journal (wearer, at_ms, position, observed_ms, kind)
    WHERE wearer IS NOT NULL;
-- A trail is looked for from the time observed on, since a reading is taken in after it was observed, give or take ten minutes
-- of a clock that is not right. What a clock has further ahead is few, and stands here.
CREATE INDEX journal_ahead ON journal (wearer, observed_ms)
    WHERE kind = 'position' AND observed_ms > at_ms + 600000;
