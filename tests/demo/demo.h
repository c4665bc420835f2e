/*
 * The generator of the demo: common types and functions. The texts of
 * tests/demo become calls, calls become turns, turns become clips of speech,
 * and clips become a WAV file and an ingest document. The process runs once:
 * memory is never freed, and an error ends it with err(3).
 */
#ifndef DEMO_H
#define DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum speaker { CALLER, CALLEE };		/* left, right */
enum party_kind { E164, SHORT, IDENTITY, WITHHELD };
enum format { PCM16, ALAW, ULAW };
enum line_kind { SAY, PAUSE, HOLD, CUT };

/* A variable of a dialogue, {name}, and its values. */
struct list {
	char	 *name;
	char	**values;
	size_t	  n;
	bool	  walk;		/* next value in each block, not random */
};

/* One line of a dialogue, or of a call with its variables replaced. */
struct line {
	enum line_kind	 kind;
	enum speaker	 speaker;	/* SAY */
	double		 seconds;	/* SAY: overlap; others: length */
	char		*text;		/* SAY */
	struct clip	*clip;		/* SAY; set by clip_get() */
	int64_t		 start, end;	/* samples; set by call_place() */
};

struct lines {
	struct line	*line;
	size_t		 n;
};

struct dialogue {
	char		*name;		/* of its file */
	char		*subject, *summary, *mood, *direction;
	double		 length;	/* seconds to fill; 0: no limit */
	struct list	*lists;
	size_t		 nlists;
	struct lines	 lines;
};

struct account {
	char	*tenant, *key, *first, *last, *email, *mode, *voice;
};

struct call {
	char			*source_id;	/* "demo-0001" */
	const struct account	*account;	/* that was recorded */
	const struct account	*colleague;	/* other party, or NULL */
	enum party_kind		 kind;		/* of the other party */
	char			*value, *name;	/* of it, or NULL */
	char			*voice;		/* of it */
	const struct dialogue	*dialogue;
	size_t			 variant;	/* index in its lists */
	int64_t			 started_ms;
	enum format		 format;
	int			 rate, channels;
	bool			 answers;	/* the account is the callee */
	bool			 has_analysis, has_audio;
	uint64_t		 seed;
	struct lines		 turns;
	int64_t			 samples;	/* per channel */
};

struct plan {
	struct account	*accounts;
	size_t		 naccounts;
	struct dialogue	*dialogues;
	size_t		 ndialogues;
	struct call	*calls;
	size_t		 ncalls;
};

/* A text spoken in a voice at a sample rate; each one is made once. */
struct clip {
	const char	*voice;
	int		 rate;
	const char	*text;
	int16_t		*samples;
	int64_t		 n;
};

/* text.c: memory, texts and random numbers. No function returns NULL. */
/* Makes space for element n of an array that has n elements. */
void		*grow(void *array, size_t n, size_t size);
char		*copy(const char *);
/* Removes blanks at both ends, in place. */
char		*trim(char *);
/* Returns "folder/name" + end in new memory. */
char		*path_of(const char *folder, const char *name, const char *end);
/* Splits at '|' and trims; ends the process unless there are n parts. */
void		 split(char *row, char **parts, size_t n, const char *where);
/* Calls fn for each line of the file, except empty lines and # comments. */
void		 each_line(const char *path, void (*fn)(char *, void *),
		    void *);
/* Hashes a text (FNV-1a). */
uint64_t	 hash(uint64_t seed, const char *);
/* Returns a pseudo-random number in [0, n) (xorshift64*). */
uint64_t	 draw(uint64_t *state, uint64_t n);

/* dialogue.c: the files tests/demo/dialogues/NAME.txt. */
void	 dialogue_read(struct dialogue *, const char *path, const char *name);
/* Makes the turns of a call. Equal seeds give equal turns. */
void	 dialogue_speak(struct call *);
/* Replaces the variables of a text by the values of the call's variant. */
char	*dialogue_fill(const struct call *, const char *text);

/* plan.c: reads accounts.txt and calls.txt; dates are relative to today. */
void	 plan_read(struct plan *, const char *folder, int64_t today_ms);
/* The account of a speaker, or NULL. */
const struct account	*call_party(const struct call *, enum speaker);

/* speech.c: espeak-ng, filtered to the band of a telephone. */
/* Returns the clip of a text, which may not be made yet. */
struct clip	*clip_get(const char *voice, int rate, const char *text);
size_t		 clip_count(void);
/* Makes the next clip; thread-safe. Returns false when all are made. */
bool		 clip_make_next(void *unused);

/* mix.c: positions of turns, then a WAV. The clips must be made. */
void	 call_place(struct call *);
void	 call_write_audio(const struct call *, const char *path);

/* document.c: the ingest document. */
void	 call_write_document(const struct call *, const char *path,
	    const char *audio);

#endif
