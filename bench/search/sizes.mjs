const MEBIBYTE = 1024 * 1024

/** What the tables of search take on disk, indexes included, and the index of the vectors by itself. */
export const sizesOf = async (owner) => {
  const rows = await owner`
    select coalesce(parent.relname, c.relname) as name, sum(pg_total_relation_size(c.oid))::float8 as bytes,
      sum((select coalesce(sum(pg_relation_size(i.indexrelid)), 0) from pg_index i
        join pg_class x on x.oid = i.indexrelid join pg_am am on am.oid = x.relam
        where i.indrelid = c.oid and am.amname = 'hnsw'))::float8 as hnsw
    from pg_class c
    left join pg_inherits on inhrelid = c.oid left join pg_class parent on parent.oid = inhparent
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    group by 1`
  const bytes = Object.fromEntries(rows.map(({ name, ...sizes }) => [name, sizes]))
  const [{ total }] = await owner`select pg_database_size(current_database())::float8 as total`
  const mebibytes = (value) => Math.round(value / MEBIBYTE)
  return {
    postings: mebibytes(bytes.posting.bytes),
    pages: mebibytes(bytes.document_page.bytes),
    passages: mebibytes(bytes.chunk.bytes),
    vectors: mebibytes(bytes.chunk_embedding.bytes - bytes.chunk_embedding.hnsw),
    vectorIndex: mebibytes(bytes.chunk_embedding.hnsw),
    database: mebibytes(total),
  }
}
