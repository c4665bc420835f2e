/* Sessions that were seen lately; see recent.h. A table of fixed size, where a
 * session takes the entry of an earlier one. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/token.h"
#include "server/recent.h"

#define RECENT	4096

static struct recent {
	char		hash[TOKEN_TEXT];
	struct fair_key	key;
} recents[RECENT];

static struct recent *
recent_of(const char *hash)
{
	return (&recents[fair_id(hash) % RECENT]);
}

void
recent_keep(const char *hash, const struct fair_key *key)
{
	struct recent	*r = recent_of(hash);

	(void)snprintf(r->hash, sizeof(r->hash), "%s", hash);
	r->key = *key;
}

void
recent_find(const char *hash, struct fair_key *key)
{
	const struct recent	*r = recent_of(hash);

	if (strcmp(r->hash, hash) == 0)
		*key = r->key;
}

void
recent_forget(const char *hash)
{
	struct recent	*r = recent_of(hash);

	if (strcmp(r->hash, hash) == 0)
		r->hash[0] = '\0';
}
