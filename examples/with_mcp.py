"""MCP: a client starts `indexlm mcp` and asks it about a page.

python examples/with_mcp.py tests/short/ferry.html "When does the last boat leave on Sunday?"
"""

import asyncio
import sys
from pathlib import Path

from mcp import Client, StdioServerParameters, stdio_client

CLI = Path(__file__).resolve().parents[1] / "cli.py"  # an installed package has the command `indexlm`


async def main(path: Path, question: str) -> None:
    """Print what answers, with the lines of the source."""
    server = StdioServerParameters(command=sys.executable, args=[str(CLI), "mcp"])
    async with Client(stdio_client(server)) as client:
        arguments = {"html": path.read_text("utf-8"), "question": question}
        answer = await client.call_tool("answer_from_page", arguments)
    for citation in answer.structured_content["citations"]:
        print(f"line {citation['line']}: {citation['text']}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
