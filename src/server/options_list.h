/*
 * Every option of `stator serve`, once: its field, spelling, kind, default, range and sentence.
 * --help, the STATOR_… variables and docs/operations.md are made from this table.
 *
 * OPTION(field, kind, "--name", "VALUE", "default", minimum, maximum, "sentence")
 * The variable is STATOR_ and the name in capitals, with _ for -.
 */
#define OPTION_LIST(OPTION)                                                                        \
    OPTION(host, TEXT, "host", "ADDRESS", "127.0.0.1", 0, 0,                                       \
           "Address to listen on. Anything but loopback lets other machines in.")                  \
    OPTION(port, INTEGER, "port", "N", "8000", 0, 65535,                                           \
           "Port to listen on; 0 picks a free one, which the ready line names.")                   \
    OPTION(data, TEXT, "data", "DIR", "", 0, 0,                                                    \
           "Directory that holds the data; created when it is not there.")                         \
    OPTION(backup_dir, TEXT, "backup-dir", "DIR", "", 0, 0,                                        \
           "Directory of backups and of what point-in-time recovery keeps, better on another "     \
           "disk; by default the folder backups in that of the data.")                             \
    OPTION(s3_root, TEXT, "s3-root", "DIR", "", 0, 0,                                              \
           "Directory whose folders stand for S3 buckets: exports are written there, imports "     \
           "read. Without it there are none.")                                                     \
    OPTION(in_memory, FLAG, "in-memory", "", "false", 0, 1,                                        \
           "Keep the data in memory instead; it goes when the server stops.")                      \
    OPTION(threads, INTEGER, "threads", "N", "0", 0, 1024,                                         \
           "Threads that serve requests; 0 means one per core.")                                   \
    OPTION(sync, SYNC, "sync", "always|interval|never", "always", 0, 0,                            \
           "When a write is on disk: before its reply, every --sync-interval-ms, or whenever "     \
           "the system likes. Only always survives a power cut.")                                  \
    OPTION(sync_interval_ms, INTEGER, "sync-interval-ms", "N", "100", 1, 60000,                    \
           "Milliseconds between syncs with --sync interval.")                                     \
    OPTION(memory_mb, INTEGER, "memory-mb", "N", "1024", 128, 1048576,                             \
           "Megabytes for caches, requests, replies and queues together.")                         \
    OPTION(connections_max, INTEGER, "connections-max", "N", "20000", 1, 1000000,                  \
           "Connections served at once; further ones are closed at once.")                         \
    OPTION(disk_reserve_mb, INTEGER, "disk-reserve-mb", "N", "256", 0, 1048576,                    \
           "Megabytes of the disk to leave free: below this writes are refused, reads go on.")     \
    OPTION(region, TEXT, "region", "NAME", "us-east-1", 0, 0,                                      \
           "Region in ARNs; fixed in the data directory at its first start.")                      \
    OPTION(account, TEXT, "account", "DIGITS", "000000000000", 0, 0,                               \
           "Account in ARNs; fixed in the data directory at its first start.")                     \
    OPTION(transition_delay_ms, INTEGER, "transition-delay-ms", "N", "0", 0, 3600000,              \
           "Milliseconds that tables stay CREATING (restored ones at least so long), UPDATING "    \
           "and DELETING, and that other changes of them take, as on the service.")                \
    OPTION(ttl_sweep_s, INTEGER, "ttl-sweep-s", "N", "20", 1, 86400,                               \
           "Seconds from one search for expired items to the next; they are deleted then.")        \
    OPTION(item_collection_mb, INTEGER, "item-collection-mb", "N", "10240", 1, 1048576,            \
           "Megabytes that the items of one partition key may have, with their entries, in a "     \
           "table with local indexes. The service's limit is 10240.")                              \
    OPTION(eventual_ms, INTEGER, "eventual-ms", "N", "0", 0, 3600000,                              \
           "Milliseconds by which reads without ConsistentRead, and all of global indexes, lag "   \
           "behind, so that tests find a missing ConsistentRead; 0: not at all.")                  \
    OPTION(partitions, INTEGER, "partitions", "N", "0", 0, 1024,                                   \
           "Partitions of new tables, each a shard of their streams; 0: as many as their "         \
           "throughput needs.")                                                                    \
    OPTION(                                                                                        \
        throughput, THROUGHPUT, "throughput", "off|observe|enforce", "observe", 0, 0,              \
        "What becomes of the throughput that tables have: nothing is counted, or what would be "   \
        "throttled is counted, or it is throttled as the service does.")                           \
    OPTION(partition_kb, INTEGER, "partition-kb", "N", "10485760", 1, 1073741824,                  \
           "Kilobytes of items, with their local entries, from which a partition is split in "     \
           "two. The service's limit is 10 GB, 10485760.")                                         \
    OPTION(clock, CLOCK, "clock", "real|manual", "real", 0, 0,                                     \
           "manual stops the time at start, for tests; PUT /_stator/clock moves it.")              \
    OPTION(faults, FLAG, "faults", "", "false", 0, 1,                                              \
           "Let PUT /_stator/faults make requests conflict, be throttled, fail, wait or stay "     \
           "partly undone: for tests of applications.")                                            \
    OPTION(admin_open, FLAG, "admin-open", "", "false", 0, 1,                                      \
           "Let other machines read /metrics and the pages under /_stator/ that change nothing; "  \
           "they name tables and keys.")                                                           \
    OPTION(slow_request_ms, INTEGER, "slow-request-ms", "N", "1000", 0, 3600000,                   \
           "Milliseconds from which a request gets a line in the log that says what its time "     \
           "went to; 0 gives every request one.")                                                  \
    OPTION(cors_origin, TEXT, "cors-origin", "ORIGIN[,ORIGIN]", "", 0, 0,                          \
           "Web origins whose pages may call this server; none by default.")                       \
    OPTION(log_level, LOG_LEVEL, "log-level", "error|warn|info|debug", "info", 0, 0,               \
           "How much is logged, on standard error.")
