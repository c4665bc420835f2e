/*
 * GET /audit: the access log as a page, as JSON or as CSV. The database
 * decides which rows the request's person may see, see rights_reach() in
 * src/db/functions/rights.sql.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/csv.h"
#include "base/text.h"
#include "server/reply.h"

#define CSV	"text/csv; charset=utf-8"
#define CSV_ROWS	20000	/* per response, see audit_csv() in page.sql */
#define CSV_COLUMNS	6

/* Replies 400 with the parameter that is not valid; returns NULL. */
static const char *
list_refuse(struct ctx *c, const char *field, json_t *filter)
{
	reply_invalid(c, field, "Ce filtre du journal n’est pas valable.");
	json_decref(filter);
	return (NULL);
}

static bool
add_kind(json_t *filter, const char *kind)
{
	json_t	*list = json_object_get(filter, "kind");

	if (strspn(kind, "abcdefghijklmnopqrstuvwxyz_") != strlen(kind) ||
	    json_array_size(list) >= 40)
		return (false);
	if (list == NULL) {
		list = json_array();
		json_object_set_new(filter, "kind", list);
	}
	return (json_array_append_new(list, json_string(kind)) == 0);
}

/*
 * Adds a query parameter to the filter. Skips empty values and names that are
 * no filter. Returns false when the value is not valid or the name is repeated;
 * only "kind" may be.
 */
static bool
add_param(json_t *filter, const char *name, const char *value)
{
	bool	valid;

	if (*value == '\0')
		return (true);
	if (strcmp(name, "kind") == 0)
		return (add_kind(filter, value));
	if (strcmp(name, "from") == 0 || strcmp(name, "to") == 0)
		valid = clock_valid_day(value);
	else if (strcmp(name, "person") == 0 || strcmp(name, "after") == 0 ||
	    strcmp(name, "recording") == 0)
		valid = uuid_valid(value);
	else
		return (true);
	return (valid && json_object_get(filter, name) == NULL &&
	    json_object_set_new(filter, name, json_string(value)) == 0);
}

/*
 * Returns the filter that audit_rows() takes, as JSON text in the arena; NULL
 * after a reply of 400.
 */
static const char *
read_log_filter(struct ctx *c)
{
	json_t		*filter = json_object();
	const char	*copy;
	char		*text;
	size_t		 i;

	for (i = 0; i < c->query.count; i++)
		if (!add_param(filter, c->query.list[i].name,
		    c->query.list[i].value))
			return (list_refuse(c, c->query.list[i].name, filter));
	text = json_dumps(filter, JSON_COMPACT);
	copy = arena_strdup(&c->arena, text);
	free(text);
	json_decref(filter);
	return (copy);
}

/* Adds the Link header of the next page (RFC 8288): this query, after next. */
static void
link_next(struct ctx *c, const char *next)
{
	struct buf	 b = { NULL, 0, 0 };
	size_t		 i;

	buf_printf(&b, "<%s?after=%s", c->path, next);
	for (i = 0; i < c->query.count; i++) {
		if (strcmp(c->query.list[i].name, "after") == 0)
			continue;
		buf_putc(&b, '&');
		params_encode_value(&b, c->query.list[i].name);
		buf_putc(&b, '=');
		params_encode_value(&b, c->query.list[i].value);
	}
	buf_puts(&b, ">; rel=\"next\"");
	reply_header(c, "link", b.data);
	buf_dispose(&b);
}

/*
 * Sends the rows as CSV: RFC 4180 under /api/v1; elsewhere with the separator
 * that spreadsheets expect in that language and a UTF-8 byte order mark.
 */
static void
reply_csv(struct ctx *c, struct db_rows *rows, void *arg)
{
	static const char *const	 names[] = { "at", "kind", "person",
	    "email", "recording", "detail" };
	const char			*cells[CSV_COLUMNS];
	const char			*separator = ",";
	struct buf			 b = { NULL, 0, 0 };
	int				 i, row, n = db_count(rows);

	(void)arg;
	if (n > CSV_ROWS)
		link_next(c, db_text(rows, CSV_ROWS - 1, "id"));
	if (c->surface != API) {
		separator = csv_separator(c->lang);
		buf_puts(&b, CSV_MARK);
	}
	csv_row(&b, separator, names, CSV_COLUMNS);
	for (row = 0; row < n && row < CSV_ROWS; row++) {
		for (i = 0; i < CSV_COLUMNS; i++)
			cells[i] = db_text(rows, row, names[i]);
		csv_row(&b, separator, cells, CSV_COLUMNS);
	}
	reply_header(c, "content-disposition",
	    "attachment; filename=\"journal.csv\"");
	reply_bytes(c, 200, CSV, b.data, b.len);
	buf_dispose(&b);
}

static void
query_csv(struct ctx *c, const char *filter)
{
	ask_heavy(c, SQL_AUDIT_CSV, &filter, 1, reply_csv, NULL);
}

void
audit_list(struct ctx *c)
{
	const char	*accept = ctx_header(c, "accept");
	const char	*filter = read_log_filter(c);

	if (filter == NULL)
		return;
	if (c->surface == API && accept != NULL &&
	    strstr(accept, "text/csv") != NULL)
		query_csv(c, filter);
	else
		ask(c, SQL_AUDIT_PAGE, &filter, 1, reply_model, NULL);
}

void
audit_csv(struct ctx *c)
{
	const char	*filter = read_log_filter(c);

	if (filter != NULL)
		query_csv(c, filter);
}
