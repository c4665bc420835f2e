/*
 * Writes made-up calls for the benchmark, a line each in the text format of
 * PostgreSQL's COPY: customer, account (0, 1… within the customer), start in
 * milliseconds since 1970, direction, mood, number, subject, summary,
 * utterances as they are stored ([[start_ms, end_ms, speaker, text], …]),
 * duration in ms.
 *
 * The words are those of common_words.txt, in that order, then those of a
 * dictionary, shuffled. How often each comes follows Zipf's law, as do the
 * sizes of the customers. A call depends only on its number and the options,
 * so that several processes can each write a part.
 */
#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DICTIONARY	"/usr/share/dict/french"
#define WORDS		80000	/* of the dictionary, at most */
#define DAY		86400
#define GREETING	"bonjour"
#define SUMMARY		28	/* words of a summary */
#define MEDIAN		130	/* words of a call; the mean is 155 */

static struct {
	long	 calls;
	int	 customers;
	int	 days;		/* up to now */
	time_t	 now;
	long	 steady;	/* calls of customer 1; 0: the largest one */
	int	 median;	/* words of the other customers' calls then */
	bool	 customers_only, words_only;	/* listed instead of calls */
} want = { 1000000, 1000, 30, 0, 0, MEDIAN, false, false };

static const char *moods[] = { "neutral", "positive", "frustrated", "relieved",
    "grateful", "negative", "confused", "impatient", "angry", "anxious",
    "disappointed" };
static const double mood_weights[] = { 38, 18, 8, 6, 6, 5, 4, 4, 4, 4, 3 };
#define MOODS	((int)(sizeof(moods) / sizeof(moods[0])))

static char	**words;
static int	 words_count, common_count, greeting;

static uint64_t	 state;

/* The next number of xorshift64. */
static uint64_t
random_bits(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state);
}

/* Begins the numbers of one call (splitmix64 of its number). */
static void
random_begin(uint64_t n)
{
	n = (n + 1) * 0x9e3779b97f4a7c15;
	n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
	n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
	state = (n ^ (n >> 31)) | 1;
}

static int
random_below(int n)
{
	return ((int)(random_bits() % (uint64_t)n));
}

/* Between 0 and 1, never 0. */
static double
random_share(void)
{
	return (((double)(random_bits() >> 11) + 0.5) / 9007199254740992.0);
}

static double
random_normal(void)
{
	double	 size = sqrt(-2 * log(random_share()));

	return (size * cos(2 * M_PI * random_share()));
}

/* A choice with weights, drawn in constant time (Walker's alias method): entry
 * i stays i with the chance keep[i], else becomes other[i]. */
struct choice {
	double	*keep;
	int	*other;
	int	 n;
};

static void *
allocate(size_t n, size_t size)
{
	void	*p = calloc(n, size);

	if (p == NULL)
		err(1, "calloc");
	return (p);
}

static struct choice
choice_of(const double *weights, int n)
{
	struct choice	 c = { allocate((size_t)n, sizeof(double)),
			    allocate((size_t)n, sizeof(int)), n };
	int		*low = allocate((size_t)n, sizeof(int));
	int		*high = allocate((size_t)n, sizeof(int));
	int		 i, lows = 0, highs = 0;
	double		 sum = 0;

	for (i = 0; i < n; i++)
		sum += weights[i];
	for (i = 0; i < n; i++) {
		c.keep[i] = weights[i] * n / sum;
		if (c.keep[i] < 1)
			low[lows++] = i;
		else
			high[highs++] = i;
	}
	while (lows > 0 && highs > 0) {
		int	 small = low[--lows], large = high[--highs];

		c.other[small] = large;
		c.keep[large] -= 1 - c.keep[small];
		if (c.keep[large] < 1)
			low[lows++] = large;
		else
			high[highs++] = large;
	}
	while (lows > 0)
		c.keep[low[--lows]] = 1;
	while (highs > 0)
		c.keep[high[--highs]] = 1;
	free(low);
	free(high);
	return (c);
}

static int
choose(const struct choice *c)
{
	int	 i = random_below(c->n);

	return (random_share() < c->keep[i] ? i : c->other[i]);
}

/* A choice of 0 to n - 1 by 1 / (rank + shift) ^ power. */
static struct choice
choice_of_ranks(int n, double shift, double power)
{
	double		*weights = allocate((size_t)n, sizeof(double));
	struct choice	 c;
	int		 i;

	for (i = 0; i < n; i++)
		weights[i] = 1 / pow(i + shift, power);
	c = choice_of(weights, n);
	free(weights);
	return (c);
}

/* --- words ---------------------------------------------------------------- */

/* Appends a file's lines; of a dictionary no names, no elisions, no words of
 * one or two letters. */
static void
words_read(const char *path, bool dictionary)
{
	FILE	*file = fopen(path, "r");
	char	 line[200];

	if (file == NULL)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0' || (dictionary && (strlen(line) < 3 ||
		    strchr(line, '\'') != NULL ||
		    (line[0] >= 'A' && line[0] <= 'Z'))))
			continue;
		if (words_count % 1000 == 0)
			words = realloc(words, sizeof(*words) *
			    (size_t)(words_count + 1000));
		if (words == NULL)
			err(1, "realloc");
		if ((words[words_count++] = strdup(line)) == NULL)
			err(1, "strdup");
	}
	fclose(file);
}

static void
words_load(const char *common)
{
	int	 i, j;
	char	*swap;

	words_read(common, false);
	common_count = words_count;
	for (greeting = 0; strcmp(words[greeting], GREETING) != 0; greeting++)
		if (greeting + 1 == common_count)
			errx(1, "%s lacks " GREETING, common);
	words_read(DICTIONARY, true);
	random_begin(1);
	for (i = words_count - 1; i > common_count; i--) {
		j = common_count + random_below(i - common_count + 1);
		swap = words[i];
		words[i] = words[j];
		words[j] = swap;
	}
	if (words_count > common_count + WORDS)
		words_count = common_count + WORDS;
}

/* --- customers ------------------------------------------------------------ */

struct customer {
	long	 calls;		/* about */
	int	 sites, accounts;
};

/* Returns the customers, of which the first is the largest or has want.steady
 * calls. 1.14 makes the largest of a thousand about a fifth. */
static struct customer *
customers_make(struct choice *others)
{
	struct customer	*list;
	double		 sum = 0, *weights;
	int		 i, first = want.steady > 0;

	list = allocate((size_t)want.customers, sizeof(*list));
	weights = allocate((size_t)want.customers, sizeof(*weights));
	for (i = first; i < want.customers; i++)
		sum += weights[i] = 1 / pow(i - first + 1, 1.14);
	*others = choice_of(weights, want.customers);
	for (i = 0; i < want.customers; i++) {
		list[i].calls = (long)(weights[i] / sum *
		    (double)(want.calls - want.steady)) + 1;
		if (i == 0 && first)
			list[i].calls = want.steady;
		list[i].sites = (int)(list[i].calls / 5000) + 1;
		list[i].accounts = (int)(list[i].calls / 300) + 1;
	}
	free(weights);
	return (list);
}

/* Customer of call n, from 0. Those of a steady first one are evenly spread. */
static int
customer_of(long n, const struct choice *others)
{
	if (n * want.steady / want.calls !=
	    (n + 1) * want.steady / want.calls)
		return (0);
	return (choose(others));
}

/* --- calls ---------------------------------------------------------------- */

/* Start of call n in ms since 1970: calls are in order of time, each day has as
 * many, in UTC from 06:00 to 18:30, on the last day from 00:00 to now. */
static long long
start_of(long n)
{
	double	 day = (double)n * want.days / (double)want.calls;
	long	 today = want.now / DAY * DAY, whole = (long)day;
	double	 begin = 6 * 3600, span = 12.5 * 3600;

	if (whole == want.days - 1) {
		begin = 0;
		span = (double)(want.now - today) - 60;
		if (span < 1)
			span = 1;
	}
	return ((long long)(((double)(today - (want.days - 1 - whole) * DAY) +
	    begin + (day - (double)whole) * span) * 1000));
}

static void
words_put(const struct choice *c, int n)
{
	int	 i;

	for (i = 0; i < n; i++)
		printf("%s%s", i > 0 ? " " : "", words[choose(c)]);
}

/* How many words a call has: half of them more than median, the mean a fifth
 * above it, from 50 to 600. */
static int
length_draw(int median)
{
	int	 n = (int)(median * exp(0.6 * random_normal()));

	return (n < median / 3 ? median / 3 : n > 600 ? 600 : n);
}

/* An utterance's text of n words; the first one begins with a greeting. */
static void
utterance_put(const struct choice *all, int n, bool first)
{
	if (first && random_share() < 0.85) {
		printf(GREETING "%s", n > 1 ? " " : "");
		n--;
	}
	words_put(all, n);
	putchar(random_below(5) == 0 ? '?' : '.');
}

/* Prints the utterances of a call of so many words. Returns its duration in
 * ms. */
static int
utterances_put(const struct choice *all, int left)
{
	int	 n, ms = 300 + random_below(900), length, speaker = 0;
	bool	 first = true;

	for (; left > 0; left -= n) {
		n = 3 + (int)(-9 * log(random_share()));
		n = n > 40 ? 40 : n > left ? left : n;
		length = n * 380 + random_below(600);
		printf("%s[%d,%d,\"%s\",\"", first ? "" : ",", ms, ms + length,
		    speaker ? "callee" : "caller");
		utterance_put(all, n, first);
		printf("\"]");
		ms += length + random_below(900);
		speaker ^= random_below(5) > 0;
		first = false;
	}
	return (ms);
}

struct shapes {
	struct choice	 all, others, moods;
	struct customer	*customers;
};

static void
call_put(long n, const struct shapes *s)
{
	int	 who, account, ms, i;

	random_begin((uint64_t)n);
	who = customer_of(n, &s->others);
	account = (int)(pow(random_share(), 1.5) * s->customers[who].accounts);
	printf("%d\t%d\t%lld\t%s\t%s\t+336%08d\t", who + 1, account,
	    start_of(n) + random_below(1000),
	    random_below(2) ? "inbound" : "outbound",
	    moods[choose(&s->moods)], random_below(100000000));
	for (i = 0; i < 4; i++)
		printf("%s%s", i > 0 ? " " : "",
		    words[(common_count + random_below(4000)) % words_count]);
	putchar('\t');
	words_put(&s->all, SUMMARY);
	printf(".\t[");
	ms = utterances_put(&s->all, length_draw(want.steady > 0 && who > 0 ?
	    want.median : MEDIAN));
	printf("]\t%d\n", ms);
}

/* --- command -------------------------------------------------------------- */

static void
usage(void)
{
	fprintf(stderr, "usage: calls [-l | -v] [-n calls] [-c customers] "
	    "[-d days] [-t now]\n"
	    "\t[-s calls of customer 1 [-w words of the others]] "
	    "common_words.txt [from to]\n");
	exit(2);
}

static void
options_read(int argc, char **argv)
{
	int	 c;

	want.now = time(NULL);
	while ((c = getopt(argc, argv, "lvn:c:d:t:s:w:")) != -1)
		switch (c) {
		case 'l':
			want.customers_only = true;
			break;
		case 'v':
			want.words_only = true;
			break;
		case 'n':
			want.calls = atol(optarg);
			break;
		case 'c':
			want.customers = atoi(optarg);
			break;
		case 'd':
			want.days = atoi(optarg);
			break;
		case 't':
			want.now = atol(optarg);
			break;
		case 's':
			want.steady = atol(optarg);
			break;
		case 'w':
			want.median = atoi(optarg);
			break;
		default:
			usage();
		}
	if (want.calls < 1 || want.customers < 2 || want.days < 1 ||
	    want.steady > want.calls || argc - optind < 1)
		usage();
}

/* Lists customers with how many sites and accounts they have, or the words in
 * the order of how often they come. */
static void
lists_put(const struct customer *customers)
{
	int	 i;

	for (i = 0; want.customers_only && i < want.customers; i++)
		printf("%d\t%d\t%d\n", i + 1, customers[i].sites,
		    customers[i].accounts);
	for (i = 0; want.words_only && i < words_count; i++)
		puts(words[i]);
}

int
main(int argc, char **argv)
{
	struct shapes	 s;
	long		 n, from = 0, to;

	options_read(argc, argv);
	s.customers = customers_make(&s.others);
	words_load(argv[optind]);
	s.all = choice_of_ranks(words_count, 2.7, 1.0);
	s.moods = choice_of(mood_weights, MOODS);
	to = want.calls;
	if (argc - optind == 3) {
		from = atol(argv[optind + 1]);
		to = atol(argv[optind + 2]);
	}
	if (want.customers_only || want.words_only)
		lists_put(s.customers);
	else
		for (n = from; n < to && n < want.calls; n++)
			call_put(n, &s);
	return (fflush(stdout) == 0 ? 0 : 1);
}
