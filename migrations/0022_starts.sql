-- room: recordings
-- The positions of each text's first word in tsv tell where in a call a word
-- was said, without reading the call.
set role smartrecord_owner;

-- of subject, summary and utterances, see search_starts(); null: not known
alter table utterance add column starts int[];
alter table utterance alter column starts set storage main;	-- read for each row of a list

reset role;
