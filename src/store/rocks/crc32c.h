/* CRC-32C (Castagnoli), the checksum of RocksDB's journals and of our own mark. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Go on from `crc`, the result for the bytes before; 0 at the beginning. */
uint32_t crc32c(uint32_t crc, const void *data, size_t size);
