/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scsi/datain.h by contracts, for replies of any size: what prove_datain.c shows for small rooms.
 * Assumed: the reply lies apart from the structure and from what is appended; the bytes said so far
 * and the new ones are a size_t; memcpy() and memset() do what their contracts here say.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*@ requires \valid(to + (0 .. n - 1));
    requires \valid_read((char *)from + (0 .. n - 1));
    assigns to[0 .. n - 1]; */
void copy_bytes(uint8_t *to, const void *from, size_t n);

/*@ requires \valid(to + (0 .. n - 1));
    assigns to[0 .. n - 1];
    ensures \forall integer i; 0 <= i < n ==> to[i] == (uint8_t)value; */
void fill_bytes(uint8_t *to, int value, size_t n);

#define memcpy copy_bytes
#define memset fill_bytes
#include "scsi/datain.h"
#undef memcpy
#undef memset

/*@ predicate is_reply(struct datain *di) =
      \valid(di) && (di->room > 0 ==> \valid(di->p + (0 .. di->room - 1))) &&
      \separated(di, di->p + (0 .. di->room - 1)); */

/*@ assigns \nothing;
    ensures \result.p == p && \result.len == 0;
    ensures \result.room == (p == \null ? 0 : room); */
static inline struct datain di_begin(uint8_t *p, size_t room);

/*@ requires is_reply(di);
    requires di->len + n <= SIZE_MAX;
    requires n > 0 ==> \valid_read((char *)bytes + (0 .. n - 1));
    assigns di->len, di->p[di->len .. di->room - 1];
    ensures di->len == \old(di->len) + n; */
static inline void di_bytes(struct datain *di, const void *bytes, size_t n);

/*@ requires is_reply(di);
    requires di->len + n <= SIZE_MAX;
    assigns di->len, di->p[di->len .. di->room - 1];
    ensures di->len == \old(di->len) + n;
    ensures \forall integer i; 0 <= i < n && \old(di->len) + i < di->room ==>
      di->p[\old(di->len) + i] == value; */
static inline void di_fill(struct datain *di, uint8_t value, size_t n);

/*@ requires is_reply(di);
    requires di->len + n <= SIZE_MAX;
    assigns di->len, di->p[di->len .. di->room - 1];
    ensures di->len == \old(di->len) + n; */
static inline void di_zero(struct datain *di, size_t n);

/*@ requires is_reply(di);
    assigns di->p[at];
    behavior stored:
      assumes at < di->room && at < di->len;
      assigns di->p[at];
      ensures di->p[at] == value;
    behavior beyond:
      assumes at >= di->room || at >= di->len;
      assigns \nothing; */
static inline void di_patch(struct datain *di, size_t at, uint8_t value);

/*@ requires is_reply(di);
    requires di->len + width <= SIZE_MAX;
    assigns di->len, di->p[di->len .. di->room - 1];
    ensures \result == \old(di->len) && di->len == \old(di->len) + width; */
static inline size_t di_open(struct datain *di, size_t width);
