/* Asserts are for our own mistakes and stay on in release; the world's mistakes are errors. */
#pragma once

_Noreturn void assert_failed(const char *claim, const char *file, int line);

#define assert_that(claim) ((claim) ? (void)0 : assert_failed(#claim, __FILE__, __LINE__))

/* The branch that cannot be. */
#define unreachable(why) assert_failed("unreachable: " why, __FILE__, __LINE__)

/* Too expensive for release: compiled in test builds only. */
#ifdef STATOR_SLOW_ASSERTS
#define assert_slow(claim) assert_that(claim)
#else
#define assert_slow(claim) ((void)sizeof(claim))
#endif
