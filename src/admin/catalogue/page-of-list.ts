import { type Page, type PageArgs, readPage, toPage } from '../graphql/connection.js';

const PLACE = [/^\d{1,9}$/];

/**
 * A page of a list that lies in memory and does not change while the process runs.
 * @throws HubError 400 naming `first` or `after`.
 */
export function pageOfList<Item, Node>(
  args: PageArgs,
  items: readonly Item[],
  toNode: (item: Item) => Node,
): Page<Node> {
  const request = readPage(args, PLACE);
  const start = request.after === undefined ? 0 : Number(request.after[0]) + 1;
  const rows = items.slice(start, start + request.limit).map((item, at) => ({ item, place: String(start + at) }));
  return toPage(
    request,
    rows,
    ({ place }) => [place],
    ({ item }) => toNode(item),
  );
}
