-- Two events of one device in one millisecond are two readings: of an event, the kind names the code
-- too (event:strap_cut), so that journal_reading_by_moment tells them apart.
UPDATE journal SET kind = 'event:' || json_extract(body, '$.code')
    WHERE kind = 'event';
