/*
 * Links that keep the filters of the page's query, see present.h.
 */
#include <string.h>

#include "recordings/filter.h"
#include "recordings/present.h"

static bool
is_date(const char *name)
{
	return (strcmp(name, "from") == 0 || strcmp(name, "to") == 0);
}

static bool
link_keeps(const char *name, unsigned keep)
{
	if (strcmp(name, "after") == 0)
		return ((keep & LINK_AFTER) != 0);
	if (is_date(name))
		return ((keep & LINK_DATES) != 0);
	return (filter_chooses(name));
}

void
link_add(struct buf *b, const char *name, const char *value)
{
	buf_putc(b, strchr(b->data, '?') == NULL ? '?' : '&');
	params_encode_value(b, name);
	buf_putc(b, '=');
	params_encode_value(b, value);
}

struct buf
link_filters(const struct page *p, const char *path, unsigned keep)
{
	const struct params	*query = p->view->query;
	struct buf		 b = { NULL, 0, 0 };
	size_t			 i;

	buf_puts(&b, path);
	for (i = 0; i < query->count; i++)
		if (query->list[i].value[0] != '\0' &&
		    link_keeps(query->list[i].name, keep))
			link_add(&b, query->list[i].name, query->list[i].value);
	return (b);
}

char *
link_end(struct buf *b, struct arena *a)
{
	char	*link = arena_strndup(a, b->data, b->len);

	buf_dispose(b);
	return (link);
}

bool
link_is_filter(const struct params *query, size_t i)
{
	return (query->list[i].value[0] != '\0' &&
	    filter_chooses(query->list[i].name));
}

char *
link_without(const struct page *p, const char *path, const char *name,
    const char *value)
{
	const struct params	*query = p->view->query;
	const struct param	*q;
	struct buf		 b = { NULL, 0, 0 };
	size_t			 i;

	buf_puts(&b, path);
	for (i = 0; i < query->count; i++) {
		q = &query->list[i];
		if (link_is_filter(query, i) &&
		    !(is_date(name) && is_date(q->name)) &&
		    (strcmp(q->name, name) != 0 ||
		    strcmp(q->value, value) != 0))
			link_add(&b, q->name, q->value);
	}
	return (link_end(&b, p->arena));
}

bool
link_completes(const struct page *p, const json_t *model)
{
	return (json_is_true(json_object_get(model, "prefix")) &&
	    !params_has(p->view->query, "prefix", "1"));
}

unsigned
links_count(const struct params *query)
{
	unsigned	n = 0;
	size_t		i;

	for (i = 0; i < query->count; i++)
		if (link_is_filter(query, i))
			n++;
	return (n);
}
