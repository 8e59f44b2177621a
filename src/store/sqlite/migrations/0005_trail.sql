-- Where somebody was, and who was somewhere, by the time observed.
CREATE INDEX journal_trail ON journal (wearer, observed_ms) WHERE kind = 'position';
CREATE INDEX journal_observed ON journal (observed_ms) WHERE kind = 'position';
