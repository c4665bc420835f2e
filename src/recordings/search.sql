-- The list: a page of recordings for a filter ($1: JSON, see
-- recordings_search), its counts, and what can be chosen in the filters.
select recordings_search($1::jsonb)
