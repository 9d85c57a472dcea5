import { assertEquals } from "@std/assert";
import { readText, ROOT } from "./_project.ts";

for (
  const file of [
    "README.md",
    "CONTRIBUTING.md",
    "docs/manual.md",
    "docs/check.md",
    "docs/cli.md",
    "docs/errors.md",
    "docs/from_go.md",
  ]
) {
  Deno.test(`${file} links to files and headings that are there`, async () => {
    const text = await readText(file);
    const links = [...text.matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)].map(([, link]) => link!);

    const broken: string[] = [];
    for (const link of new Set(links)) if (!await isThere(new URL(link, new URL(file, ROOT)))) broken.push(link);
    assertEquals(broken, []);
  });
}

async function isThere(url: URL): Promise<boolean> {
  const anchor = url.hash.slice(1);
  url.hash = "";
  try {
    if (anchor === "") return (await Deno.stat(url)).isFile;
    const headings = [...(await Deno.readTextFile(url)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);
    return headings.map((heading) => heading.toLowerCase().replaceAll(/[^a-z0-9 -]/g, "").replaceAll(" ", "-"))
      .includes(anchor);
  } catch {
    return false;
  }
}
