/* Password checks, see check.h. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/pool.h"
#include "onepass/check.h"
#include "onepass/password.h"
#include "server/reply.h"
#include "server/server.h"

#define LANE_QUEUE	16

/* In a pool's hands; owns copies, since it may outlive the request. */
struct check {
	char		*hash;
	char		*password;
	enum result	 result;
	char		 made[PASSWORD_HASH_SIZE];
	void		(*answer)(struct ctx *, enum result);
	void		(*hashed)(struct ctx *, const char *);
};

/* One check at a time in each lane: strangers can fill theirs, never that of
 * browsers which signed in before. */
static struct pool	*strangers;
static struct pool	*acquainted;

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
	strangers = pool_new(server_loop(), 1, LANE_QUEUE);
	acquainted = pool_new(server_loop(), 1, LANE_QUEUE);
	if (strangers == NULL || acquainted == NULL)
		log_fatal("onepass: no thread for password checks");
}

static struct check *
check_new(const char *hash, char *password)
{
	struct check	*k = calloc(1, sizeof(*k));

	if (k == NULL)
		log_fatal("onepass: out of memory");
	k->hash = hash == NULL ? NULL : strdup(hash);
	k->password = strdup(password);
	sodium_memzero(password, strlen(password));
	return (k);
}

void
check_password(struct ctx *c, bool known, const char *hash, char *password,
    void (*answer)(struct ctx *, enum result))
{
	struct check	*k = check_new(hash, password);

	k->answer = answer;
	ctx_work_in(c, known ? acquainted : strangers, &check_work, k);
}

void
check_hash(struct ctx *c, bool known, char *password,
    void (*answer)(struct ctx *, const char *))
{
	struct check	*k = check_new(NULL, password);

	k->hashed = answer;
	ctx_work_in(c, known ? acquainted : strangers, &hash_work, k);
}

static void
check_run(void *arg)
{
	struct check	*k = arg;

	k->result = password_check(k->hash, k->password);
}

static void
check_answer(struct ctx *c, void *arg)
{
	struct check	*k = arg;

	k->answer(c, k->result);
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
		k->hashed(c, k->made);
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
