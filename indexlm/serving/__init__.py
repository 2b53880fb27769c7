"""IndexLM as a service: HTTP, a page to look at, and MCP. `indexlm.serving.commands` starts each of them."""
