/* Idempotent writes; see once.h. */
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "server/once.h"
#include "server/reply.h"

#define HASH_BYTES	16
#define KEY_MAX		200

bool
once_key(struct ctx *c, const char **key)
{
	*key = ctx_header(c, "idempotency-key");
	if (*key == NULL && c->surface != API)
		*key = ctx_field(c, "request");
	if (*key == NULL || (**key != '\0' && strlen(*key) <= KEY_MAX &&
	    utf8_valid(*key, strlen(*key))))
		return (true);
	reply_invalid(c, "idempotency-key", "La clé d’idempotence compte de "
	    "1 à 200 caractères.");
	return (false);
}

const char *
once_hash(struct ctx *c, const char *how, const char *what)
{
	const char	*text = arena_printf(&c->arena, "%s %s", how, what);
	uint8_t		 hash[HASH_BYTES];
	char		*hex = arena_alloc(&c->arena, 2 * HASH_BYTES + 1);

	(void)crypto_generichash(hash, sizeof(hash), (const uint8_t *)text,
	    strlen(text), NULL, 0);
	hex_encode(hash, sizeof(hash), hex);
	return (hex);
}

bool
once_done(struct ctx *c, const char *outcome)
{
	if (strcmp(outcome, "conflict") == 0)
		reply_problem(c, 409, "idempotency-conflict", "Cette clé "
		    "d’idempotence a déjà servi pour une autre demande.");
	else if (strcmp(outcome, "empty") == 0)
		reply_result(c, NOT_FOUND);
	else
		return (true);
	return (false);
}
