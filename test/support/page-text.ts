const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

/** What a reader sees of a piece of HTML, without anything between its parts. */
export function visibleText(html: string): string {
  const shown = html.replace(/<head>[\s\S]*?<\/head>/g, '').replace(/<[^>]*>/g, '');
  return shown.replace(/&(?:lt|gt|quot|amp|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** The blocks of code of a page, as the copy button gives them. */
export function codeBlocks(html: string): readonly string[] {
  return [...html.matchAll(/<pre[^>]*><code>([\s\S]*?)<\/code><\/pre>/g)].map(([, code = '']) => visibleText(code));
}
