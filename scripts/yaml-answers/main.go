// Command yaml-answers reads a JSON list of YAML texts and writes what sigs.k8s.io/yaml makes of each: [text, JSON], or [text] for
// one that is refused. Of a text of several documents the first counts, but all must be good.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	goyaml "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	for index, text := range texts {
		answer := []json.RawMessage{quote(text)}
		if value, err := read([]byte(text)); err == nil {
			answer = append(answer, value)
		}
		line, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		separator := ",\n"
		if index == 0 {
			separator = "[\n"
		}
		fmt.Print(separator, string(line))
	}
	fmt.Println("\n]")
}

func quote(text string) json.RawMessage {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return quoted
}

func read(text []byte) (json.RawMessage, error) {
	decoder := goyaml.NewDecoder(bytes.NewReader(text))
	for {
		var document any
		err := decoder.Decode(&document)
		if err == io.EOF {
			// The strict reader refuses keys that stand twice, and with them merges that replace something.
			if _, err := yaml.YAMLToJSONStrict(text); err != nil && !bytes.Contains(text, []byte("<<")) {
				return nil, err
			}
			return yaml.YAMLToJSON(text)
		}
		if err != nil {
			return nil, err
		}
	}
}
