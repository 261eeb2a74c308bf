// Prints the messages and enums of the linked Go modules whose names begin with one of the arguments, with all they use,
// one field a line: name, type (after * for a list, {key} for a map, ? for explicit presence), oneof.
// run.sh links the modules and calls it.
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func main() {
	found := map[protoreflect.FullName]string{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := 0; i < file.Messages().Len(); i++ {
			if wanted(file.Messages().Get(i).FullName()) {
				addMessage(found, file.Messages().Get(i))
			}
		}
		for i := 0; i < file.Enums().Len(); i++ {
			if wanted(file.Enums().Get(i).FullName()) {
				addEnum(found, file.Enums().Get(i))
			}
		}
		return true
	})
	texts := make([]string, 0, len(found))
	for _, text := range found {
		texts = append(texts, text)
	}
	sort.Strings(texts)
	fmt.Print(strings.Join(texts, "\n"))
}

// wanted leaves out the older versions of Envoy's API that some module still links.
func wanted(name protoreflect.FullName) bool {
	if strings.HasPrefix(string(name), "envoy.") && !strings.HasPrefix(string(name), "envoy.tcp.") && !strings.Contains(string(name), ".v3") {
		return false
	}
	for _, prefix := range os.Args[1:] {
		if strings.HasPrefix(string(name), prefix) {
			return true
		}
	}
	return false
}

func addEnum(found map[protoreflect.FullName]string, enum protoreflect.EnumDescriptor) {
	if _, seen := found[enum.FullName()]; seen {
		return
	}
	text := fmt.Sprintf("enum %s\n", enum.FullName())
	for i := 0; i < enum.Values().Len(); i++ {
		text += fmt.Sprintf("  %s %d\n", enum.Values().Get(i).Name(), enum.Values().Get(i).Number())
	}
	found[enum.FullName()] = text
}

func addMessage(found map[protoreflect.FullName]string, message protoreflect.MessageDescriptor) {
	if _, seen := found[message.FullName()]; seen || message.IsMapEntry() || message.ParentFile().Package() == "google.protobuf" {
		return
	}
	found[message.FullName()] = ""
	text := fmt.Sprintf("message %s\n", message.FullName())
	for i := 0; i < message.Fields().Len(); i++ {
		field := message.Fields().Get(i)
		value := field
		mark := ""
		switch {
		case field.IsMap():
			value = field.MapValue()
			mark = "{" + field.MapKey().Kind().String() + "}"
		case field.IsList():
			mark = "*"
		case field.HasOptionalKeyword():
			mark = "?"
		}
		kind := value.Kind().String()
		if value.Message() != nil {
			kind = string(value.Message().FullName())
			addMessage(found, value.Message())
		}
		if value.Enum() != nil {
			kind = string(value.Enum().FullName())
			addEnum(found, value.Enum())
		}
		oneof := ""
		if group := field.ContainingOneof(); group != nil && !group.IsSynthetic() {
			oneof = " " + string(group.Name())
		}
		text += fmt.Sprintf("  %s %s%s%s\n", field.Name(), mark, kind, oneof)
	}
	found[message.FullName()] = text
	for i := 0; i < message.Messages().Len(); i++ {
		addMessage(found, message.Messages().Get(i))
	}
	for i := 0; i < message.Enums().Len(); i++ {
		addEnum(found, message.Enums().Get(i))
	}
}
