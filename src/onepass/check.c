/* Checks and hashes passwords on threads, see check.h. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/pool.h"
#include "onepass/check.h"
#include "onepass/password.h"
#include "server/reply.h"
#include "server/server.h"

/* One check in a pool. It owns its copies: it may outlive the request. */
struct check {
	char		*hash;
	char		*password;
	enum result	 result;
	char		 made[PASSWORD_HASH_SIZE];	/* a hash, or "" */
	check_answered	 answer;
	check_hashed	 hashed;
	void		*arg;		/* of the callback */
};

static struct pool	*threads;

static void	check_run(void *);
static void	check_answer(struct ctx *, void *);
static void	check_release(void *);
static void	hash_run(void *);
static void	hash_answer(struct ctx *, void *);

static const struct work check_work = {
	.run = check_run, .answer = check_answer, .release = check_release
};
static const struct work hash_work = {
	.run = hash_run, .answer = hash_answer, .release = check_release
};

void
check_start(void)
{
	/* all its jobs have a turn, which bounds what waits */
	threads = pool_new(server_loop(), HEAVY_HASHES, 0);
	if (threads == NULL)
		log_fatal("event=no_thread");
}

static struct check *
check_new(const char *hash, char *password)
{
	struct check	*k = calloc(1, sizeof(*k));

	if (k == NULL)
		log_fatal("event=out_of_memory");
	k->hash = hash == NULL ? NULL : strdup(hash);
	k->password = strdup(password);
	sodium_memzero(password, strlen(password));
	return (k);
}

void
check_password(struct ctx *c, const struct fair_key *key, const char *hash,
    char *password, check_answered answer, void *arg)
{
	struct check	*k = check_new(hash, password);

	k->answer = answer;
	k->arg = arg;
	ctx_work_turn(c, threads, HEAVY_HASH, key, &check_work, k);
}

void
check_hash(struct ctx *c, const struct fair_key *key, char *password,
    check_hashed hashed, void *arg)
{
	struct check	*k = check_new(NULL, password);

	k->hashed = hashed;
	k->arg = arg;
	ctx_work_turn(c, threads, HEAVY_HASH, key, &hash_work, k);
}

static void
check_run(void *arg)
{
	struct check	*k = arg;

	k->result = password_check(k->hash, k->password, k->made);
}

static void
check_answer(struct ctx *c, void *arg)
{
	struct check	*k = arg;

	k->answer(c, k->result, k->made[0] == '\0' ? NULL : k->made, k->arg);
}

static void
hash_run(void *arg)
{
	struct check	*k = arg;

	k->result = password_hash(k->password, k->made) ? OK : BUSY;
}

static void
hash_answer(struct ctx *c, void *arg)
{
	struct check	*k = arg;

	if (k->result == OK)
		k->hashed(c, k->made, k->arg);
	else
		reply_result(c, k->result);
}

static void
check_release(void *arg)
{
	struct check	*k = arg;

	sodium_memzero(k->password, strlen(k->password));
	free(k->password);
	free(k->hash);
	free(k);
}
