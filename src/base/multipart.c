/* Reads forms with files; see multipart.h. */
#include <string.h>
#include <strings.h>

#include "base/decode.h"
#include "base/multipart.h"
#include "base/text.h"

#define TYPE		"multipart/form-data"
#define BOUNDARY_MAX	70	/* RFC 2046 section 5.1.1 */

/* One part: its head, and its bytes up to the next delimiter. */
struct part {
	const char	*name;
	bool		 file;
	const char	*bytes;
	size_t		 n;
};

bool
multipart_type(const char *type)
{
	return (strncasecmp(type, TYPE, sizeof(TYPE) - 1) == 0);
}

/* Returns the value of a parameter (name: "; boundary=") of a header, in the
 * arena, or NULL. In quotes, %22 and \" stand for a quote. */
static const char *
parameter(struct arena *a, const char *header, const char *name)
{
	const char	*p = strcasestr(header, name);

	if (p == NULL)
		return (NULL);
	p += strlen(name);
	if (*p == '"')
		return (arena_strndup(a, p + 1, strcspn(p + 1, "\"")));
	return (arena_strndup(a, p, strcspn(p, "; \t")));
}

/* Returns "\r\n--boundary" of the Content-Type, in the arena, or NULL. */
static const char *
delimiter_of(struct arena *a, const char *type)
{
	const char	*boundary = parameter(a, type, "boundary=");

	if (boundary == NULL || *boundary == '\0' ||
	    strlen(boundary) > BOUNDARY_MAX)
		return (NULL);
	return (arena_printf(a, "\r\n--%s", boundary));
}

/* Reads the headers of a part, which end with an empty line at n bytes. */
static bool
read_head(struct part *part, struct arena *a, const char *head, size_t n)
{
	const char	*line = arena_strndup(a, head, n);
	const char	*found = strcasestr(line, "content-disposition:");

	if (strlen(line) != n || !utf8_valid(line, n) || found == NULL ||
	    (found != line && found[-1] != '\n'))
		return (false);
	found = arena_strndup(a, found, strcspn(found, "\r\n"));
	part->name = parameter(a, found, "; name=");
	part->file = parameter(a, found, "; filename=") != NULL ||
	    parameter(a, found, "; filename*=") != NULL;
	return (part->name != NULL);
}

/* Adds the part as a pair. */
static enum result
add_part(struct params *p, struct arena *a, const struct part *part)
{
	const char	*value;

	if (part->file && part->n == 0)
		return (OK);
	if (part->file)
		value = text_decode(a, part->bytes, part->n);
	else if (utf8_valid(part->bytes, part->n) &&
	    memchr(part->bytes, '\0', part->n) == NULL)
		value = arena_strndup(a, part->bytes, part->n);
	else
		value = NULL;
	if (value == NULL || p->count == PARAMS_MAX)
		return (INVALID);
	p->list[p->count].name = part->name;
	p->list[p->count++].value = value;
	return (OK);
}

/* Reads the part that begins at body; *left gets what follows its delimiter. */
static enum result
read_part(struct params *p, struct arena *a, const char *delimiter,
    const char **body, size_t *left)
{
	struct part	 part = { .name = NULL };
	const char	*end = *body + *left, *close, *blank;

	blank = memmem(*body, *left, "\r\n\r\n", 4);
	if (blank == NULL ||
	    !read_head(&part, a, *body, (size_t)(blank - *body)))
		return (INVALID);
	part.bytes = blank + 4;
	/* an empty part: its delimiter begins with the head's last line end */
	close = memmem(blank + 2, (size_t)(end - blank - 2), delimiter,
	    strlen(delimiter));
	if (close == NULL)
		return (INVALID);
	part.n = close > part.bytes ? (size_t)(close - part.bytes) : 0;
	*body = close + strlen(delimiter);
	*left = (size_t)(end - *body);
	return (add_part(p, a, &part));
}

enum result
multipart_parse(struct params *p, struct arena *a, const char *type,
    const char *body, size_t n)
{
	const char	*delimiter = delimiter_of(a, type), *first;
	enum result	 r = OK;

	p->count = 0;
	p->list = arena_alloc(a, PARAMS_MAX * sizeof(*p->list));
	if (delimiter == NULL)
		return (INVALID);
	first = memmem(body, n, delimiter + 2, strlen(delimiter + 2));
	if (first != body)
		return (INVALID);
	body += strlen(delimiter + 2);
	n -= strlen(delimiter + 2);
	while (r == OK && n >= 2 && memcmp(body, "\r\n", 2) == 0) {
		body += 2;
		n -= 2;
		r = read_part(p, a, delimiter, &body, &n);
	}
	return (r == OK && n >= 2 && memcmp(body, "--", 2) == 0 ? OK :
	    INVALID);
}
