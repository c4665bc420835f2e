/*
 * Reads accounts.txt and calls.txt. Days are relative to today in Paris.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "demo.h"

#define HOUR_MS	(INT64_C(3600) * 1000)
/* Calls of at most so many days ago may be moved to the Friday before. */
#define OLDEST	27

struct reading {
	struct plan	*plan;
	int64_t		 today_ms;
};

static void	 read_dialogues(struct plan *, const char *);
static void	 read_account(char *, void *);
static void	 read_call(char *, void *);
static void	 read_party(struct plan *, struct call *, char *);
static void	 read_dialogue(struct plan *, struct call *, char *);
static void	 read_format(struct call *, char *);
static void	 read_options(struct call *, char *);
static int64_t	 moment(const char *, int64_t, const char *);
static const struct account *account_get(const struct plan *, const char *);

void
plan_read(struct plan *plan, const char *folder, int64_t today_ms)
{
	struct reading	 r = { plan, today_ms };

	memset(plan, 0, sizeof(*plan));
	read_dialogues(plan, path_of(folder, "dialogues", ""));
	each_line(path_of(folder, "accounts.txt", ""), read_account, plan);
	each_line(path_of(folder, "calls.txt", ""), read_call, &r);
}

const struct account *
call_party(const struct call *call, enum speaker who)
{
	return ((who == CALLEE) == call->answers ?
	    call->account : call->colleague);
}

static void
read_dialogues(struct plan *plan, const char *folder)
{
	DIR		*dir;
	struct dirent	*e;
	char		*path;
	size_t		 len;

	dir = opendir(folder);
	if (dir == NULL)
		err(1, "%s", folder);
	while ((e = readdir(dir)) != NULL) {
		len = strlen(e->d_name);
		if (len < 5 || strcmp(e->d_name + len - 4, ".txt") != 0)
			continue;
		path = path_of(folder, e->d_name, "");
		e->d_name[len - 4] = '\0';
		plan->dialogues = grow(plan->dialogues, plan->ndialogues,
		    sizeof(*plan->dialogues));
		dialogue_read(&plan->dialogues[plan->ndialogues++], path,
		    e->d_name);
	}
	closedir(dir);
}

static void
read_account(char *row, void *context)
{
	struct plan	*plan = context;
	struct account	*a;
	char		*part[10];

	split(row, part, 10, "accounts.txt");
	plan->accounts = grow(plan->accounts, plan->naccounts,
	    sizeof(*plan->accounts));
	a = &plan->accounts[plan->naccounts++];
	a->tenant = copy(part[0]);
	a->key = copy(part[2]);
	a->first = copy(part[3]);
	a->last = copy(part[4]);
	a->email = copy(part[5]);
	a->mode = copy(part[8]);
	a->voice = copy(part[9]);
}

/* The account "customer/key", or NULL. */
static const struct account *
account_get(const struct plan *plan, const char *name)
{
	const struct account	*a;
	const char		*key;
	size_t			 i, len;

	key = strchr(name, '/');
	if (key == NULL)
		return (NULL);
	len = (size_t)(key++ - name);
	for (i = 0; i < plan->naccounts; i++) {
		a = &plan->accounts[i];
		if (strlen(a->tenant) == len && strcmp(a->key, key) == 0 &&
		    strncmp(a->tenant, name, len) == 0)
			return (a);
	}
	return (NULL);
}

static void
read_call(char *row, void *context)
{
	struct reading	*r = context;
	struct plan	*plan = r->plan;
	struct call	*c;
	char		*part[8];

	split(row, part, 8, "calls.txt");
	plan->calls = grow(plan->calls, plan->ncalls, sizeof(*plan->calls));
	c = &plan->calls[plan->ncalls++];
	memset(c, 0, sizeof(*c));
	if (asprintf(&c->source_id, "demo-%s", part[0]) == -1)
		err(1, NULL);
	c->account = account_get(plan, part[1]);
	if (c->account == NULL)
		errx(1, "calls.txt: %s: no account %s", c->source_id, part[1]);
	/* both recordings of an internal call have the same gaps */
	c->seed = hash(hash(0, part[3]), part[4]);
	c->started_ms = moment(part[3], r->today_ms, c->source_id) -
	    (int64_t)(c->seed % 60000);
	read_dialogue(plan, c, part[4]);
	c->voice = copy(part[5]);
	read_party(plan, c, part[2]);
	read_format(c, part[6]);
	read_options(c, part[7]);
}

/* Reads "withheld", "customer/account", "+33…", "3201" or an identity, and an
 * optional " (Name)". */
static void
read_party(struct plan *plan, struct call *c, char *text)
{
	char	*name;

	c->colleague = account_get(plan, text);
	if (c->colleague != NULL) {
		c->kind = IDENTITY;
		c->value = copy(c->colleague->email);
		c->voice = c->colleague->voice;
		return;
	}
	name = strstr(text, " (");
	if (name != NULL) {
		*name = '\0';
		name[strlen(name + 2) + 1] = '\0';
		c->name = copy(name + 2);
	}
	if (strcmp(text, "withheld") == 0) {
		c->kind = WITHHELD;
		return;
	}
	c->value = copy(text);
	if (*text == '+')
		c->kind = E164;
	else if (text[strspn(text, "0123456789")] == '\0')
		c->kind = SHORT;
	else
		c->kind = IDENTITY;
}

/* Reads "name" or "name 2", which selects the second words of its lists. */
static void
read_dialogue(struct plan *plan, struct call *c, char *text)
{
	char	*variant;
	size_t	 i;

	variant = strchr(text, ' ');
	if (variant != NULL) {
		*variant++ = '\0';
		c->variant = strtoul(variant, NULL, 10) - 1;
	}
	for (i = 0; i < plan->ndialogues; i++)
		if (strcmp(plan->dialogues[i].name, text) == 0)
			c->dialogue = &plan->dialogues[i];
	if (c->dialogue == NULL)
		errx(1, "calls.txt: %s: no dialogue %s", c->source_id, text);
	c->answers = strcmp(c->dialogue->direction, "inbound") == 0;
}

/* Reads "alaw 8", "pcm 16 mono" … */
static void
read_format(struct call *c, char *text)
{
	c->format = strncmp(text, "alaw", 4) == 0 ? ALAW :
	    strncmp(text, "ulaw", 4) == 0 ? ULAW : PCM16;
	c->rate = strstr(text, " 16") != NULL ? 16000 : 8000;
	c->channels = strstr(text, " mono") != NULL ? 1 : 2;
}

static void
read_options(struct call *c, char *text)
{
	char	*option;

	c->has_analysis = c->has_audio = true;
	while ((option = strsep(&text, " ")) != NULL) {
		if (strcmp(option, "no-analysis") == 0)
			c->has_analysis = false;
		else if (strcmp(option, "no-audio") == 0)
			c->has_audio = false;
		else if (strcmp(option, "answers") == 0)
			c->answers = true;
		else if (*option != '\0')
			errx(1, "calls.txt: %s: option %s", c->source_id,
			    option);
	}
}

/* Reads "25m" or "716h", before the instant today; or "3 14:05", so many days
 * ago at that time in Paris, on the Friday before when it is a weekend. */
static int64_t
moment(const char *text, int64_t today_ms, const char *id)
{
	struct tm	tm;
	time_t		t;
	int		days, hour, minute, n;
	char		unit;

	if (sscanf(text, "%d %d:%d%n", &days, &hour, &minute, &n) == 3 &&
	    text[n] == '\0') {
		t = (time_t)(today_ms / 1000);
		localtime_r(&t, &tm);
		tm.tm_mday -= days;
		n = (tm.tm_wday + 7 * 5 - days) % 7;
		if (days > 1 && days <= OLDEST && (n == 0 || n == 6))
			tm.tm_mday -= n == 0 ? 2 : 1;
		tm.tm_hour = hour;
		tm.tm_min = minute;
		tm.tm_sec = 59;
		tm.tm_isdst = -1;
		return ((int64_t)mktime(&tm) * 1000);
	}
	if (sscanf(text, "%d%c%n", &n, &unit, &hour) == 2 &&
	    text[hour] == '\0' && (unit == 'm' || unit == 'h'))
		return (today_ms - n * (unit == 'h' ? HOUR_MS : HOUR_MS / 60));
	errx(1, "calls.txt: %s: when is \"%s\"?", id, text);
}
