/*
 * The demo's generator: what its parts hand to one another. Texts of
 * tests/demo become calls, calls become turns, turns become clips of speech,
 * and clips a WAV and its ingest document. One run, then exit: what is
 * allocated lives as long as the process, and an error ends it with err(3).
 * Speaks no SQL and knows nothing of the program it feeds but the document.
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

/* A word of a dialogue that changes: {name}. */
struct list {
	char	 *name;
	char	**values;
	size_t	  n;
	bool	  walk;		/* next value at each block, not any */
};

/* One line of a dialogue, or of a call once its words are chosen. */
struct line {
	enum line_kind	 kind;
	enum speaker	 speaker;	/* SAY */
	double		 seconds;	/* SAY: overlap; else: length */
	char		*text;		/* SAY */
	struct clip	*clip;		/* SAY, once asked for */
	int64_t		 start, end;	/* samples; SAY and HOLD, once placed */
};

struct lines {
	struct line	*line;
	size_t		 n;
};

struct dialogue {
	char		*name;		/* of its file */
	char		*subject, *summary, *mood, *direction;
	double		 length;	/* seconds to fill; 0: any */
	struct list	*lists;
	size_t		 nlists;
	struct lines	 lines;
};

struct account {
	char	*tenant, *key, *first, *last, *email, *mode, *voice;
};

struct call {
	char			*source_id;	/* "demo-0001" */
	const struct account	*account;	/* whose recording it is */
	const struct account	*colleague;	/* other party, or NULL */
	enum party_kind		 kind;		/* of the other party */
	char			*value, *name;	/* … NULL: none */
	char			*voice;		/* … */
	const struct dialogue	*dialogue;
	size_t			 variant;	/* which words of its lists */
	int64_t			 started_ms;
	enum format		 format;
	int			 rate, channels;
	bool			 answers;	/* the account is the callee */
	bool			 has_analysis, has_audio;
	uint64_t		 seed;
	struct lines		 turns;
	int64_t			 samples;	/* a channel */
};

struct plan {
	struct account	*accounts;
	size_t		 naccounts;
	struct dialogue	*dialogues;
	size_t		 ndialogues;
	struct call	*calls;
	size_t		 ncalls;
};

/* One text in one voice at one rate; made once however often it is heard. */
struct clip {
	const char	*voice;
	int		 rate;
	const char	*text;
	int16_t		*samples;
	int64_t		 n;
};

/* text.c: small tools. None returns NULL. */
void		*grow(void *array, size_t n, size_t size);
char		*copy(const char *);
char		*trim(char *);
/* "folder/name" + end, allocated. */
char		*path_of(const char *folder, const char *name, const char *end);
/* Splits at '|', trimmed; exactly n parts, or the process ends. */
void		 split(char *row, char **parts, size_t n, const char *where);
/* Calls fn for each line of the file that is not blank or a # comment. */
void		 each_line(const char *path, void (*fn)(char *, void *),
		    void *);
uint64_t	 hash(uint64_t seed, const char *);
/* A number in [0, n), and the next state. xorshift64*. */
uint64_t	 draw(uint64_t *state, uint64_t n);

/* dialogue.c: tests/demo/dialogues/NAME.txt. */
void	 dialogue_read(struct dialogue *, const char *path, const char *name);
/* The call's turns, its words chosen: the same for the same seed. */
void	 dialogue_speak(struct call *);
/* text with the words that the call's variant chooses. */
char	*dialogue_fill(const struct call *, const char *text);

/* plan.c: accounts.txt and calls.txt, seen from the instant today. */
void	 plan_read(struct plan *, const char *folder, int64_t today_ms);
const struct account	*call_party(const struct call *, enum speaker);

/* speech.c: espeak-ng through the band of a telephone. */
struct clip	*clip_get(const char *voice, int rate, const char *text);
size_t		 clip_count(void);
/* Makes the next clip, from any thread; false: all are made. */
bool		 clip_make_next(void *unused);

/* mix.c: turns on a time line, then a WAV. Needs the clips. */
void	 call_place(struct call *);
void	 call_write_audio(const struct call *, const char *path);

/* document.c: the ingest document. */
void	 call_write_document(const struct call *, const char *path,
	    const char *audio);

#endif
