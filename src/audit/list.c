/*
 * GET /audit: the access log, a page or, for spreadsheets, CSV. Who may see
 * how much of it is decided in the database, see audit_reach().
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

/* NULL: replied which value makes no sense. */
static const char *
refuse(struct ctx *c, const char *field, json_t *filter)
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

/* Other names are left to others; what was left empty says nothing. */
static bool
add(json_t *filter, const char *name, const char *value)
{
	bool	valid;
	int64_t	n;

	if (*value == '\0')
		return (true);
	if (strcmp(name, "kind") == 0)
		return (add_kind(filter, value));
	if (strcmp(name, "person") == 0)
		valid = text_int64(value, 1, INT32_MAX, &n);
	else if (strcmp(name, "after") == 0)
		valid = text_int64(value, 1, INT64_MAX, &n);
	else if (strcmp(name, "from") == 0 || strcmp(name, "to") == 0)
		valid = clock_valid_day(value);
	else if (strcmp(name, "recording") == 0)
		valid = uuid_valid(value);
	else
		return (true);
	return (valid && json_object_get(filter, name) == NULL &&
	    json_object_set_new(filter, name, json_string(value)) == 0);
}

/* The document that audit_rows() takes, in the arena, or NULL. */
static const char *
read_filter(struct ctx *c)
{
	json_t		*filter = json_object();
	const char	*copy;
	char		*text;
	size_t		 i;

	for (i = 0; i < c->query.count; i++)
		if (!add(filter, c->query.list[i].name,
		    c->query.list[i].value))
			return (refuse(c, c->query.list[i].name, filter));
	text = json_dumps(filter, JSON_COMPACT);
	copy = arena_strdup(&c->arena, text);
	free(text);
	json_decref(filter);
	return (copy);
}

/* The same question, further on (RFC 8288). */
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

static void
reply_csv(struct ctx *c, enum result result, struct db_rows *rows)
{
	const char	*next = db_value(rows, 0, 1);

	(void)result;
	if (next != NULL)
		link_next(c, next);
	reply_header(c, "content-disposition",
	    "attachment; filename=\"journal.csv\"");
	reply_bytes(c, 200, CSV, db_value(rows, 0, 0), db_length(rows, 0, 0));
}

/* For programs by RFC 4180; for people as their spreadsheet expects it, with a
 * mark that says UTF-8. */
static void
ask_csv(struct ctx *c, const char *filter)
{
	const char	*params[3] = { filter, ",", "" };

	if (c->surface != API) {
		params[1] = csv_separator(c->lang);
		params[2] = CSV_MARK;
	}
	ask(c, SQL_AUDIT_CSV, params, 3, reply_csv);
}

void
audit_list(struct ctx *c)
{
	const char	*accept = ctx_header(c, "accept");
	const char	*filter = read_filter(c);

	if (filter == NULL)
		return;
	if (c->surface == API && accept != NULL &&
	    strstr(accept, "text/csv") != NULL)
		ask_csv(c, filter);
	else
		ask(c, SQL_AUDIT_PAGE, &filter, 1, reply_model);
}

void
audit_csv(struct ctx *c)
{
	const char	*filter = read_filter(c);

	if (filter != NULL)
		ask_csv(c, filter);
}
