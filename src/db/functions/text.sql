set local role smartrecord_owner;

-- Quotes a lexeme for the text form of tsquery.
create function search_quote(lexeme text) returns text
language sql immutable parallel safe
as $$
select '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''''
$$;

grant execute on function search_quote(text)
	to smartrecord_admin;
