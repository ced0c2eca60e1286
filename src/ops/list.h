/*
 * Every operation of the service, once. BUILT(Name, file): src/ops/file.c defines
 * `operation_file`. STREAMS(Name, file): the same of the API of DynamoDB Streams. KNOWN(Name): the
 * service has it, Stator says so and refuses.
 */
#define OPERATION_LIST(BUILT, STREAMS, KNOWN)                                                      \
    BUILT(GetItem, get_item)                                                                       \
    BUILT(PutItem, put_item)                                                                       \
    BUILT(Query, query)                                                                            \
    BUILT(DeleteItem, delete_item)                                                                 \
    BUILT(UpdateItem, update_item)                                                                 \
    BUILT(Scan, scan)                                                                              \
    BUILT(BatchGetItem, batch_get_item)                                                            \
    BUILT(BatchWriteItem, batch_write_item)                                                        \
    BUILT(TransactWriteItems, transact_write_items)                                                \
    BUILT(TransactGetItems, transact_get_items)                                                    \
    BUILT(CreateTable, create_table)                                                               \
    BUILT(UpdateTable, update_table)                                                               \
    BUILT(DeleteTable, delete_table)                                                               \
    BUILT(DescribeTable, describe_table)                                                           \
    BUILT(ListTables, list_tables)                                                                 \
    BUILT(TagResource, tag_resource)                                                               \
    BUILT(UntagResource, untag_resource)                                                           \
    BUILT(ListTagsOfResource, list_tags_of_resource)                                               \
    BUILT(ExecuteStatement, execute_statement)                                                     \
    BUILT(BatchExecuteStatement, batch_execute_statement)                                          \
    BUILT(ExecuteTransaction, execute_transaction)                                                 \
    BUILT(UpdateTimeToLive, update_time_to_live)                                                   \
    BUILT(DescribeTimeToLive, describe_time_to_live)                                               \
    BUILT(DescribeLimits, describe_limits)                                                         \
    BUILT(DescribeEndpoints, describe_endpoints)                                                   \
    BUILT(CreateBackup, create_backup)                                                             \
    BUILT(DescribeBackup, describe_backup)                                                         \
    BUILT(ListBackups, list_backups)                                                               \
    BUILT(DeleteBackup, delete_backup)                                                             \
    BUILT(RestoreTableFromBackup, restore_table_from_backup)                                       \
    BUILT(UpdateContinuousBackups, update_continuous_backups)                                      \
    BUILT(DescribeContinuousBackups, describe_continuous_backups)                                  \
    BUILT(RestoreTableToPointInTime, restore_table_to_point_in_time)                               \
    BUILT(ExportTableToPointInTime, export_table_to_point_in_time)                                 \
    BUILT(DescribeExport, describe_export)                                                         \
    BUILT(ListExports, list_exports)                                                               \
    BUILT(ImportTable, import_table)                                                               \
    BUILT(DescribeImport, describe_import)                                                         \
    BUILT(ListImports, list_imports)                                                               \
    BUILT(UpdateContributorInsights, update_contributor_insights)                                  \
    BUILT(DescribeContributorInsights, describe_contributor_insights)                              \
    BUILT(ListContributorInsights, list_contributor_insights)                                      \
    STREAMS(ListStreams, list_streams)                                                             \
    STREAMS(DescribeStream, describe_stream)                                                       \
    STREAMS(GetShardIterator, get_shard_iterator)                                                  \
    STREAMS(GetRecords, get_records)                                                               \
    KNOWN(CancelBulkOperation)                                                                     \
    KNOWN(CreateGlobalTable)                                                                       \
    KNOWN(DeleteResourcePolicy)                                                                    \
    KNOWN(DescribeBulkOperation)                                                                   \
    KNOWN(DescribeGlobalTable)                                                                     \
    KNOWN(DescribeGlobalTableSettings)                                                             \
    KNOWN(DescribeKinesisStreamingDestination)                                                     \
    KNOWN(DescribeTableReplicaAutoScaling)                                                         \
    KNOWN(DisableKinesisStreamingDestination)                                                      \
    KNOWN(EnableKinesisStreamingDestination)                                                       \
    KNOWN(GetResourcePolicy)                                                                       \
    KNOWN(ListBulkOperations)                                                                      \
    KNOWN(ListGlobalTables)                                                                        \
    KNOWN(PutResourcePolicy)                                                                       \
    KNOWN(SearchVectors)                                                                           \
    KNOWN(StartBulkPutItems)                                                                       \
    KNOWN(UpdateGlobalTable)                                                                       \
    KNOWN(UpdateGlobalTableSettings)                                                               \
    KNOWN(UpdateKinesisStreamingDestination)                                                       \
    KNOWN(UpdateTableReplicaAutoScaling)
