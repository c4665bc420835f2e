/* Memory, texts and random numbers of the demo generator; see demo.h. */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

void *
grow(void *array, size_t n, size_t size)
{
	/* the capacity is a power of two and doubles when it is full */
	if ((n & (n - 1)) != 0)
		return (array);
	array = reallocarray(array, n == 0 ? 1 : 2 * n, size);
	if (array == NULL)
		err(1, NULL);
	return (array);
}

char *
copy(const char *s)
{
	char	*p;

	p = strdup(s);
	if (p == NULL)
		err(1, NULL);
	return (p);
}

char *
path_of(const char *folder, const char *name, const char *end)
{
	char	*path;

	if (asprintf(&path, "%s/%s%s", folder, name, end) == -1)
		err(1, NULL);
	return (path);
}

char *
trim(char *s)
{
	size_t	n;

	while (isspace((unsigned char)*s))
		s++;
	for (n = strlen(s); n > 0 && isspace((unsigned char)s[n - 1]); n--)
		s[n - 1] = '\0';
	return (s);
}

void
split(char *row, char **parts, size_t n, const char *where)
{
	size_t	 i;
	char	*part;

	for (i = 0; (part = strsep(&row, "|")) != NULL; i++) {
		if (i == n)
			errx(1, "%s: more than %zu columns", where, n);
		parts[i] = trim(part);
	}
	if (i != n)
		errx(1, "%s: %zu columns instead of %zu", where, i, n);
}

void
each_line(const char *path, void (*fn)(char *, void *), void *context)
{
	FILE	*f;
	char	*line;
	size_t	 size;

	f = fopen(path, "r");
	if (f == NULL)
		err(1, "%s", path);
	line = NULL;
	size = 0;
	while (getline(&line, &size, f) != -1) {
		line[strcspn(line, "\n")] = '\0';
		if (*line != '\0' && *line != '#')
			fn(line, context);
	}
	if (ferror(f))
		err(1, "%s", path);
	free(line);
	fclose(f);
}

uint64_t
hash(uint64_t seed, const char *s)
{
	uint64_t	h;

	h = seed ^ UINT64_C(0xcbf29ce484222325);
	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return (h | 1);
}

uint64_t
draw(uint64_t *state, uint64_t n)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (((*state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n);
}
