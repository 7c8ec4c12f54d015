/**
 * A table that becomes a list of cards on a phone: each cell then carries its column's title. Roles are written out, since
 * cells that are laid out as blocks lose theirs.
 */
import type { ReactNode } from "react";

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Figures stand to the right. */
  figures?: boolean;
}

interface Props<Row> {
  /** What the table holds, for those who hear it. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** What stands in place of rows where there are none. */
  empty?: ReactNode;
}

export function DataTable<Row>({ label, columns, rows, rowKey, empty }: Props<Row>): ReactNode {
  if (rows.length === 0 && empty !== undefined) return empty;
  return (
    <table className="data" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => <th key={column.key} scope="col" role="columnheader" className={classOf(column)}>{column.title}</th>)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((column) => <Cell key={column.key} column={column} row={row} />)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A cell without content (null or false) leaves no line on a phone. */
function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }): ReactNode {
  const content = column.cell(row);
  const none = content === null || content === undefined || content === false;
  return (
    <td role="cell" data-title={column.title} className={`${none ? "none " : ""}${classOf(column)}`}>
      {none ? <span className="muted">–</span> : <div className="cell">{content}</div>}
    </td>
  );
}

function classOf<Row>(column: Column<Row>): string {
  return column.figures === true ? "figures" : "";
}
