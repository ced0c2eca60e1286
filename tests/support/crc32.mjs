/* CRC-32 as in gzip, of which every answer carries its own. node:zlib has it only from Node 22. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++)
        value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
});

export function crc32(bytes) {
    let value = 0xffffffff;
    for (const byte of bytes)
        value = (value >>> 8) ^ TABLE[(value ^ byte) & 0xff];
    return (value ^ 0xffffffff) >>> 0;
}
