import type postgres from 'postgres'

/** In a database that is being filled: how far. It goes when everything has been compared. */
export const UNFINISHED_SCHEMA = 'quarry_transfer'

export const isUnfinished = async (sql: postgres.Sql): Promise<boolean> => {
  const [row] = await sql.unsafe<{ found: boolean }[]>(
    `select to_regnamespace('${UNFINISHED_SCHEMA}') is not null as found`,
  )
  return row?.found === true
}

export const markUnfinished = async (sql: postgres.Sql): Promise<void> => {
  await sql.unsafe(`
    create schema ${UNFINISHED_SCHEMA};
    create table ${UNFINISHED_SCHEMA}.progress (
      scope text not null, table_name text not null, rows bigint not null, checksum text not null, last_key text,
      done boolean not null, primary key (scope, table_name));
    grant usage on schema ${UNFINISHED_SCHEMA} to login;
    grant select, insert, update on ${UNFINISHED_SCHEMA}.progress to login`)
}
