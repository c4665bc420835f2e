/* The SQL functions of this binary: their files and names. See release.h. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "db/release.h"

#define PREFIX		"functions_"
#define DIGEST_BYTES	6

/* Directories of src/, lowest layer first. A function uses only tables and
 * functions of its own directory and of those before it. */
static const char *const dirs[] = { "db", "server", "net", "audit", "onepass",
    "telephony", "people", "recordings", "exports", "deletions", "erasures",
    "tenants", "jobs" };

#define DIRS	(sizeof(dirs) / sizeof(dirs[0]))

bool
release_files(bool (*each)(const struct embedded *, void *), void *arg)
{
	const struct embedded	*file;
	char			 folder[64];
	size_t			 i, n;

	for (i = 0; i < DIRS; i++) {
		n = (size_t)snprintf(folder, sizeof(folder),
		    "src/%s/functions/", dirs[i]);
		for (file = embedded_files; file->name != NULL; file++)
			if (strncmp(file->name, folder, n) == 0 &&
			    !each(file, arg))
				return (false);
	}
	return (true);
}

static bool
digest_file(const struct embedded *file, void *state)
{
	crypto_generichash_update(state,
	    (const unsigned char *)file->name, strlen(file->name) + 1);
	crypto_generichash_update(state, (const unsigned char *)file->bytes,
	    file->len + 1);
	return (true);
}

const char *
release_schema(void)
{
	static char			name[sizeof(PREFIX) + 2 * DIGEST_BYTES];
	crypto_generichash_state	state;
	unsigned char			hash[crypto_generichash_BYTES];

	if (name[0] != '\0')
		return (name);
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	(void)release_files(digest_file, &state);
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(name, PREFIX, sizeof(PREFIX) - 1);
	hex_encode(hash, DIGEST_BYTES, name + sizeof(PREFIX) - 1);
	return (name);
}

const char *
release_search_path(void)
{
	static char	path[sizeof(PREFIX) + 2 * DIGEST_BYTES + 20];

	if (path[0] == '\0')
		(void)snprintf(path, sizeof(path), "%s, public, pg_temp",
		    release_schema());
	return (path);
}
