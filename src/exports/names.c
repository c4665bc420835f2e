/* The set of file names used in one folder, see names.h. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "exports/names.h"

/*
 * Lower-cases ASCII and the Latin letters U+00C0–U+00DE, in place. Other
 * letters keep their case: two names that differ only in such a letter may
 * collide on Windows or macOS.
 */
static void
name_fold(char *s)
{
	unsigned char	*c;

	for (c = (unsigned char *)s; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
		else if (*c == 0xc3 && c[1] >= 0x80 && c[1] <= 0x9e &&
		    c[1] != 0x97)
			*++c |= 0x20;
	}
}

static uint64_t
name_hash(const char *name)
{
	uint8_t		 bytes[crypto_generichash_BYTES_MIN];
	uint64_t	 hash;
	char		*folded = strdup(name);

	if (folded == NULL)
		log_fatal("event=out_of_memory");
	name_fold(folded);
	(void)crypto_generichash(bytes, sizeof(bytes),
	    (const uint8_t *)folded, strlen(folded), NULL, 0);
	free(folded);
	memcpy(&hash, bytes, sizeof(hash));
	return (hash == 0 ? 1 : hash);
}

/* Returns the slot of the hash, or the free slot where it belongs. */
static uint64_t *
names_slot(const struct names *n, uint64_t hash)
{
	size_t	i = hash & (n->size - 1);

	while (n->table[i] != 0 && n->table[i] != hash)
		i = (i + 1) & (n->size - 1);
	return (&n->table[i]);
}

static void
names_grow(struct names *n)
{
	struct names	bigger = { NULL, n->size == 0 ? 64 : 2 * n->size, 0 };
	size_t		i;

	bigger.table = calloc(bigger.size, sizeof(*bigger.table));
	if (bigger.table == NULL)
		log_fatal("event=out_of_memory");
	for (i = 0; i < n->size; i++)
		if (n->table[i] != 0)
			*names_slot(&bigger, n->table[i]) = n->table[i];
	bigger.count = n->count;
	free(n->table);
	*n = bigger;
}

bool
names_take(struct names *n, const char *name)
{
	uint64_t	 hash = name_hash(name), *slot;

	if (2 * n->count >= n->size)
		names_grow(n);
	if (*(slot = names_slot(n, hash)) == hash)
		return (false);
	*slot = hash;
	n->count++;
	return (true);
}

void
names_dispose(struct names *n)
{
	free(n->table);
	memset(n, 0, sizeof(*n));
}
