/*
 * Templates: any text parses or gives an error message. A parsed template
 * renders a model with each kind of value,
    with itself as a partial a few times.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mustache.h"

#define PARTIALS_MAX	4	/* a template may include itself twice */

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct self {
	const struct mustache	*m;
	int			 uses;
};

static const struct mustache *
get_partial(void *arg, const char *name)
{
	struct self	*self = arg;

	if (name[0] == '\0')
		abort();
	return (self->uses++ < PARTIALS_MAX ? self->m : NULL);
}

/* Limits the sections, as each nested one may double the rendering time. */
static bool
affordable(const uint8_t *data, size_t size)
{
	size_t	 i, sections;

	sections = 0;
	for (i = 0; i < size; i++) {
		if (data[i] == '#')
			sections++;
	}

	return (sections <= 10);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static json_t	*model;
	struct self	 self;
	struct mustache	*m;
	struct buf	 out = { NULL, 0, 0 };
	char		*why = NULL;

	if (model == NULL)
		model = json_loads("{\"a\": {\"b\": \"<'\\n\", \"c\": 1.5},"
		    "\"b\": [1, null], \"c\": [], \"d\": true, \"e\": \"\"}",
		    0, NULL);
	m = mustache_parse(size == 0 ? "" : (const char *)data, size,
	    LANG_EN, &why);
	if ((m == NULL) != (why != NULL))
		abort();
	if (m != NULL) {
		self.m = m;
		self.uses = 0;
		if (affordable(data, size))
			mustache_render(m, model, get_partial, &self, &out);
	}
	mustache_free(m);
	buf_dispose(&out);
	free(why);

	return (0);
}
