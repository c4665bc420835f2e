/*
 * Reads dialogues from their files, and makes the turns of calls. A dialogue
 * with a length has blocks between "---" lines, which are selected at random
 * until the time is filled, so that a long call has few lines and clips.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

/* Speed of espeak-ng, and the usual gap between turns. */
#define BYTES_A_SECOND	18.0
#define GAP_S		0.6

struct reading {
	struct dialogue	*dialogue;
	const char	*path;
};

/* The words of a block: one index per list. */
struct words {
	const struct call	*call;
	size_t			*pick;
};

static void	 read_line(char *, void *);
static bool	 read_header(struct dialogue *, char *);
static void	 read_list(struct dialogue *, const char *, char *, bool);
static void	 add(struct lines *, enum line_kind, enum speaker, double,
		    char *);
static char	*fill(const struct words *, const char *);
static const char *word(const struct words *, const char *, size_t);
static double	 speak_block(struct call *, const struct words *, size_t);
static struct words words_new(const struct call *);
static void	 words_next(struct words *, uint64_t *, bool);

void
dialogue_read(struct dialogue *d, const char *path, const char *name)
{
	struct reading	r = { d, path };

	memset(d, 0, sizeof(*d));
	d->name = copy(name);
	each_line(path, read_line, &r);
	if (d->subject == NULL || d->summary == NULL || d->mood == NULL ||
	    d->direction == NULL || d->lines.n == 0)
		errx(1, "%s: subject, summary, mood, direction or turns are "
		    "missing", path);
}

static void
read_line(char *line, void *context)
{
	struct reading	*r = context;
	struct lines	*to = &r->dialogue->lines;
	char		*text, *end;
	double		 overlap;

	if (strcmp(line, "---") == 0) {
		add(to, CUT, CALLER, 0, NULL);
	} else if (strncmp(line, "pause ", 6) == 0) {
		add(to, PAUSE, CALLER, strtod(line + 6, NULL), NULL);
	} else if (strncmp(line, "hold ", 5) == 0) {
		add(to, HOLD, CALLER, strtod(line + 5, NULL), NULL);
	} else if (*line == 'A' || *line == 'B') {
		overlap = line[1] == '+' ? strtod(line + 2, &end) : 0;
		text = line[1] == '+' ? end : line + 1;
		if (*text != ':')
			errx(1, "%s: no colon: %s", r->path, line);
		add(to, SAY, *line == 'A' ? CALLER : CALLEE, overlap,
		    trim(text + 1));
	} else if (!read_header(r->dialogue, line)) {
		errx(1, "%s: what is this? %s", r->path, line);
	}
}

static bool
read_header(struct dialogue *d, char *line)
{
	char	*value;

	value = strchr(line, ':');
	if (value == NULL)
		return (false);
	*value++ = '\0';
	value = trim(value);
	if (strcmp(line, "subject") == 0)
		d->subject = copy(value);
	else if (strcmp(line, "summary") == 0)
		d->summary = copy(value);
	else if (strcmp(line, "mood") == 0)
		d->mood = copy(value);
	else if (strcmp(line, "direction") == 0)
		d->direction = copy(value);
	else if (strcmp(line, "length") == 0)
		d->length = strtod(value, NULL);
	else if (strncmp(line, "list ", 5) == 0)
		read_list(d, line + 5, value, false);
	else if (strncmp(line, "walk ", 5) == 0)
		read_list(d, line + 5, value, true);
	else
		return (false);
	return (true);
}

static void
read_list(struct dialogue *d, const char *name, char *values, bool walk)
{
	struct list	*l;
	char		*value;

	d->lists = grow(d->lists, d->nlists, sizeof(*d->lists));
	l = &d->lists[d->nlists++];
	*l = (struct list){ .name = copy(name), .walk = walk };
	while ((value = strsep(&values, "|")) != NULL) {
		l->values = grow(l->values, l->n, sizeof(*l->values));
		l->values[l->n++] = copy(trim(value));
	}
}

static void
add(struct lines *to, enum line_kind kind, enum speaker speaker,
    double seconds, char *text)
{
	to->line = grow(to->line, to->n, sizeof(*to->line));
	to->line[to->n++] = (struct line){ .kind = kind, .speaker = speaker,
	    .seconds = seconds, .text = text == NULL ? NULL : copy(text) };
}

/* The value of {name}, or NULL when the dialogue has no such variable. */
static const char *
word(const struct words *w, const char *name, size_t len)
{
	static const char *const roles[] = { "caller", "callee" };
	const struct dialogue	*d = w->call->dialogue;
	const struct account	*party;
	size_t			 i;

	for (i = 0; i < 2; i++) {
		party = call_party(w->call, (enum speaker)i);
		if (strlen(roles[i]) == len && party != NULL &&
		    strncmp(roles[i], name, len) == 0)
			return (party->first);
	}
	for (i = 0; i < d->nlists; i++)
		if (strlen(d->lists[i].name) == len &&
		    strncmp(d->lists[i].name, name, len) == 0)
			return (d->lists[i].values[w->pick[i]]);
	return (NULL);
}

/* Replaces the variables. Other braces, which some dialogues have, stay. */
static char *
fill(const struct words *w, const char *text)
{
	FILE		*out;
	char		*filled;
	size_t		 size, len;
	const char	*value;

	out = open_memstream(&filled, &size);
	if (out == NULL)
		err(1, NULL);
	while (*text != '\0') {
		len = *text == '{' ? strcspn(text + 1, "{}") : 0;
		value = len > 0 && text[len + 1] == '}' ?
		    word(w, text + 1, len) : NULL;
		if (value == NULL) {
			fputc(*text++, out);
			continue;
		}
		fputs(value, out);
		text += len + 2;
	}
	if (fclose(out) != 0)
		err(1, NULL);
	/* a sentence may begin with a variable */
	if (*filled >= 'a' && *filled <= 'z')
		*filled = (char)(*filled - 'a' + 'A');
	return (filled);
}

/* Adds the lines from one index up to the next cut. Returns their seconds. */
static double
speak_block(struct call *call, const struct words *w, size_t from)
{
	const struct lines	*lines = &call->dialogue->lines;
	const struct line	*l;
	double			 seconds;
	char			*text;

	seconds = 0;
	for (; from < lines->n && lines->line[from].kind != CUT; from++) {
		l = &lines->line[from];
		text = l->kind == SAY ? fill(w, l->text) : NULL;
		add(&call->turns, l->kind, l->speaker, l->seconds, text);
		seconds += l->kind == SAY ?
		    GAP_S + (double)strlen(text) / BYTES_A_SECOND : l->seconds;
		free(text);
	}
	return (seconds);
}

/* The words of the call's variant. */
static struct words
words_new(const struct call *call)
{
	const struct dialogue	*d = call->dialogue;
	struct words		 w = { .call = call };
	size_t			 i;

	w.pick = calloc(d->nlists + 1, sizeof(*w.pick));
	if (w.pick == NULL)
		err(1, NULL);
	for (i = 0; i < d->nlists; i++)
		w.pick[i] = call->variant % d->lists[i].n;
	return (w);
}

/* Selects the words of the next block: a random one of each list; the next one
 * of the last walk, and of a walk before it when the one after it restarts. */
static void
words_next(struct words *w, uint64_t *chance, bool first)
{
	const struct dialogue	*d = w->call->dialogue;
	size_t			 i;
	bool			 carry;

	carry = !first;
	for (i = d->nlists; i-- > 0;) {
		if (!d->lists[i].walk) {
			w->pick[i] = draw(chance, d->lists[i].n);
		} else if (carry) {
			w->pick[i] = (w->pick[i] + 1) % d->lists[i].n;
			carry = w->pick[i] == 0;
		}
	}
}

void
dialogue_speak(struct call *call)
{
	const struct dialogue	*d = call->dialogue;
	struct words		 w = words_new(call);
	size_t			*starts, nstarts, i, block, last;
	double			 seconds;
	uint64_t		 chance;

	starts = NULL;
	nstarts = 0;
	for (i = 0; i < d->lines.n; i++) {
		if (i > 0 && d->lines.line[i - 1].kind != CUT)
			continue;
		starts = grow(starts, nstarts, sizeof(*starts));
		starts[nstarts++] = i;
	}
	seconds = speak_block(call, &w, starts[0]);
	chance = call->seed;
	last = 0;
	for (i = 0; nstarts > 3 && seconds < d->length; i++) {
		words_next(&w, &chance, i == 0);
		do {
			block = 1 + draw(&chance, nstarts - 2);
		} while (block == last);
		last = block;
		seconds += speak_block(call, &w, starts[block]);
	}
	if (nstarts > 1)
		speak_block(call, &w, starts[nstarts - 1]);
	free(w.pick);
	free(starts);
}

char *
dialogue_fill(const struct call *call, const char *text)
{
	struct words	 w = words_new(call);
	char		*filled;

	filled = fill(&w, text);
	free(w.pick);
	return (filled);
}
