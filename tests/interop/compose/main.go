// Reads compose files as docker compose does, and prints the project that they give together.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	options, err := cli.NewProjectOptions(os.Args[1:], cli.WithName("caseledger"))
	if err == nil {
		var project, loadErr = options.LoadProject(context.Background())
		err = loadErr
		if err == nil {
			var text, encodeErr = project.MarshalJSON()
			fmt.Println(string(text))
			err = encodeErr
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
